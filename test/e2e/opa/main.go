// Open Policy Agent's own command, measured beside the gate by bench/peers.ts.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/open-policy-agent/opa/cmd"
)

func main() {
	err := cmd.RootCommand.Execute()
	if err == nil {
		return
	}
	var exit *cmd.ExitError
	if errors.As(err, &exit) {
		os.Exit(exit.Exit)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
