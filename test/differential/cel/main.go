// Compiles and evaluates expressions as the API server does for a ValidatingAdmissionPolicy: the truth that ours is
// held against. Standard input: a question (see question.go) as JSON a line; standard output: its answer.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	utiljson "k8s.io/apimachinery/pkg/util/json"
)

type answer struct {
	ID      string `json:"id"`
	Refused bool   `json:"refused,omitempty"`
	Type    string `json:"type,omitempty"`
	Value   any    `json:"value,omitempty"`
	Error   string `json:"error,omitempty"`
	// Class is "budget" for an evaluation that was stopped.
	Class string `json:"class,omitempty"`
	// Cost is in the API server's units, variables included; absent when the API server could not tell it.
	Cost *uint64 `json:"cost,omitempty"`
	Why  string  `json:"why,omitempty"`
	// Nanoseconds is what one evaluation takes, where the question asks to measure.
	Nanoseconds float64 `json:"nanoseconds,omitempty"`
	// Bad is the fault of a question that could not be asked.
	Bad string `json:"bad,omitempty"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<28)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		line, err := json.Marshal(answerTo(lines.Bytes()))
		if err != nil {
			line, _ = json.Marshal(answer{Bad: err.Error()})
		}
		fmt.Fprintln(out, string(line))
		out.Flush()
	}
}

// answerTo never panics: what goes wrong is an answer too.
func answerTo(line []byte) (a answer) {
	q := question{}
	defer func() {
		if r := recover(); r != nil {
			a = answer{ID: q.ID, Bad: fmt.Sprint(r)}
		}
	}()
	if err := utiljson.Unmarshal(line, &q); err != nil {
		return answer{Bad: err.Error()}
	}
	return ask(q)
}
