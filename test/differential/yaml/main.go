// Prints the golden data of test/fixtures/yaml: what kubectl's own libraries make of a corpus of YAML texts.
//
//	go run . > ../../fixtures/yaml/golden.json
//
// Each entry of "texts" is one document through sigs.k8s.io/yaml YAMLToJSON; each of "streams" is one file through
// the decoder that kubectl reads files with. "json" is absent where the library refuses the text; "error" says why.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	stream "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

type text struct {
	Yaml  string          `json:"yaml"`
	JSON  json.RawMessage `json:"json,omitempty"`
	Error string          `json:"error,omitempty"`
}

type file struct {
	Yaml      string            `json:"yaml"`
	Documents []json.RawMessage `json:"documents"`
	Error     string            `json:"error,omitempty"`
}

// Plain scalars, each read in every context below.
var scalars = []string{
	// null, bool
	"", "~", "null", "Null", "NULL", "nULL", "nil", "y", "Y", "yes", "Yes", "YES", "yEs", "n", "N", "no", "No", "NO",
	"true", "True", "TRUE", "tRUE", "false", "False", "FALSE", "on", "On", "ON", "oN", "off", "Off", "OFF", "oFF", "t", "f",
	// integers
	"0", "1", "-1", "+1", "00", "-0", "+0", "42", "007", "0777", "-0777", "+0777", "08", "09", "0800", "0778", "0o7", "0o17", "0O17", "-0o17",
	"0o8", "0o", "0x0", "0x1F", "0X1f", "-0x1F", "+0x1F", "0x", "0xG", "0b0", "0b101", "0B101", "-0b101", "+0b101", "0b", "0b2", "--1", "+-1",
	"1_000", "1__0", "1_", "_1", "-_1", "0_7", "0_x1F", "0x_1F", "0x1_F", "0b1_0", "-0b1_0", "+0b1_0", "1,000", "1 000", "1e3", "12e03", "0_", "_",
	"9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993", "9223372036854775807", "9223372036854775808",
	"-9223372036854775808", "-9223372036854775809", "+9223372036854775807", "+9223372036854775808", "18446744073709551615", "18446744073709551616",
	"123456789012345678901234567890", "0x7fffffffffffffff", "0xffffffffffffffff", "0x10000000000000000", "-0x8000000000000000", "-0x8000000000000001",
	"01777777777777777777777", "02000000000000000000000", "0b1111111111111111111111111111111111111111111111111111111111111111", "123456789012345678",
	// floats
	"0.0", "-0.0", "+0.0", "1.0", "1.5", "-1.5", "+1.5", "1.", "-1.", ".5", "-.5", "+.5", ".", "-.", "+", "-", "1.5e3", "1.5E+3", "1.5e-3", "1.e3", ".5e3", ".5e",
	"1e", "1e+", "1e400", "-1e400", "1e-400", ".5e400", "5e-324", "1e21", "1e20", "123456789.123456789", "1_0.5_0", "._5", ".5_0", "1._5", "1.5.6",
	"0.1", "0.30000000000000004", "3.14159265358979323846", "16777217.5", "1e6", "1000000.0", "12345678.0", "0.0001", "0.00001", "1e5", "100000.5",
	".inf", ".Inf", ".INF", ".iNF", "-.inf", "-.Inf", "-.INF", "+.inf", "+.Inf", "+.INF", ".nan", ".NaN", ".NAN", ".Nan", "-.nan", "inf", "Infinity", "nan", "NaN", "-inf",
	"0x1p4", "0x1.8p1", "1p4", "0x.8p1",
	// what looks like a number and is not
	"1.2.3.4", "10.0.0.0/8", "1:30", "190:20:30", "190:20:30.15", "0:0", "1Gi", "100m", "1k", "5%", "v1", "1-2", "1/2", "2e3e4", "١٢", "１",
	// dates stay text
	"2001-12-14", "2001-1-1", "2001-12-14t21:59:43.10-05:00", "2001-12-14T21:59:43.10-05:00", "2001-12-14T21:59:43Z", "2001-12-14 21:59:43.10", "2001-12-14 21:59:43.10 -5",
	"2001-13-14", "2001-02-30", "2000-02-29", "1900-02-29", "2001-12-14T24:00:00Z", "2001-12-14T1:2:3Z", "2001-12-14T21:60:00Z", "2001-12-14T21:59:43", "20011214", "2001-12", "12-14-2001",
	"2001-12-14T21:59:43.1234567890123Z", "2001-12-14T21:59:43,5Z", "2001-12-14T21:59:43+24:00", "2001-12-14T21:59:43.Z", "2001-12-14T21:59:60Z",
	// text
	"<<", "=", "abc", "a b", "a:b", "a#b", "a,b", "-a", "?a", ":a", "a'b", "a\"b", "http://example.com:80/x?y=z", "ünï", "日本語", "😀", "\\n", "$(X)", "a\tb", "~~", "!", "*", "&", "%a", "@a", "`a", "|", ">", "[", "]", "{", "}", "a]", "a}", "a[b]", "?", ":",
	"aGVsbG8=", "aGVsbG8", "_w==", "/w==", "YQ==", "YR==", "Y Q = =",
}

// %s is the scalar.
var contexts = []string{
	"a: %s", "%s: a", "- %s", "%s", "[%s]", "{k: %s}", "{%s: k}", "[%s, b]", "a: \"%s\"", "a: '%s'", "'%s': a", "a: %s # c", "a: &x %s\nb: *x", "&x %s: a\nb: *x",
	"a: !!str %s", "a: !!int %s", "a: !!float %s", "a: !!bool %s", "a: !!null %s", "a: !!timestamp %s", "a: !!binary %s", "a: !local %s", "a: ! %s", "a: !!foo %s",
	"a: !!int '%s'", "a: !!bool \"%s\"", "a: ! '%s'", "!!str %s: a", "!!int %s: a", "!!int '%s': a", "a: |\n  %s", "a: >-\n  %s", "a:\n  %s", "? %s\n: a", "a: !<tag:yaml.org,2002:int> %s", "a: !!merge %s",
}

func main() {
	var texts []text
	seen := map[string]bool{}
	add := func(y string) {
		if seen[y] {
			return
		}
		seen[y] = true
		// kubectl reads by lines: whether the last one has its break makes no difference to it.
		out, err := yaml.YAMLToJSON([]byte(strings.TrimSuffix(y, "\n") + "\n"))
		if err != nil {
			texts = append(texts, text{Yaml: y, Error: firstLine(err)})
			return
		}
		texts = append(texts, text{Yaml: y, JSON: out})
	}
	for _, context := range contexts {
		for _, scalar := range scalars {
			add(strings.Replace(context, "%s", scalar, 1))
		}
	}
	for _, y := range structures {
		add(y)
		add(strings.ReplaceAll(y, "\n", "\r\n"))
	}
	var files []file
	for _, y := range streams {
		files = append(files, decode(y))
	}
	write(texts, files)
}

func decode(y string) file {
	decoder := stream.NewYAMLOrJSONDecoder(strings.NewReader(y), 4096)
	documents := []json.RawMessage{}
	for {
		var document json.RawMessage
		err := decoder.Decode(&document)
		if err != nil {
			if err.Error() == "EOF" {
				return file{Yaml: y, Documents: documents}
			}
			return file{Yaml: y, Documents: documents, Error: firstLine(err)}
		}
		// kubectl passes over what is empty or null.
		document = bytes.TrimSpace(document)
		if len(document) > 0 && !bytes.Equal(document, []byte("null")) {
			documents = append(documents, append(json.RawMessage{}, document...))
		}
	}
}

func firstLine(err error) string {
	return strings.SplitN(err.Error(), "\n", 2)[0]
}

// One entry a line, so that a change of the corpus reads well.
func write(texts []text, files []file) {
	fmt.Println("{\"texts\":[")
	lines(texts)
	fmt.Println("],\"streams\":[")
	lines(files)
	fmt.Println("]}")
}

func lines[T any](all []T) {
	for i, each := range all {
		line, err := json.Marshal(each)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if i < len(all)-1 {
			line = append(line, ',')
		}
		fmt.Println(string(line))
	}
}
