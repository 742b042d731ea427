// Says how container runtimes read image names: one JSON string a line in, one line out: the registry, path, tag and
// digest, "" where there is none, or null where github.com/distribution/reference refuses the name.
//
//	echo '"nginx"' | go run .
package main

import (
	"bufio"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/json"
	"fmt"
	"os"

	"github.com/distribution/reference"
)

func main() {
	lines := bufio.NewReader(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for decoder := json.NewDecoder(lines); ; {
		var image string
		if err := decoder.Decode(&image); err != nil {
			return
		}
		answer, err := json.Marshal(read(image))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Fprintln(out, string(answer))
	}
}

func read(image string) []string {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return nil
	}
	named = reference.TagNameOnly(named)
	parts := []string{reference.Domain(named), reference.Path(named), "", ""}
	if tagged, ok := named.(reference.Tagged); ok {
		parts[2] = tagged.Tag()
	}
	if digested, ok := named.(reference.Digested); ok {
		parts[3] = digested.Digest().String()
	}
	return parts
}
