// One binary for the tests' control plane: `control-plane kube-apiserver …`, `… kube-controller-manager …`, `… kubectl …`,
// and the official Pod Security webhook to be measured beside ours. Built from the Go modules, unpatched.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	podsecurity "k8s.io/pod-security-admission/cmd/webhook/server"
)

func main() {
	if len(os.Args) < 2 {
		fail("name a program: kube-apiserver, kube-controller-manager, kubectl, pod-security-webhook")
	}
	name := os.Args[1]
	os.Args = append([]string{name}, os.Args[2:]...)
	switch name {
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kube-controller-manager":
		os.Exit(cli.Run(controllers.NewControllerManagerCommand()))
	case "pod-security-webhook":
		os.Exit(cli.Run(podsecurity.NewServerCommand()))
	case "kubectl":
		run(kubectl.NewDefaultKubectlCommand())
	default:
		fail("unknown program " + name)
	}
}

// kubectl's own errors are printed as kubectl prints them.
func run(command *cobra.Command) {
	if err := cli.RunNoErrOutput(command); err != nil {
		util.CheckErr(err)
	}
}

func fail(text string) {
	fmt.Fprintln(os.Stderr, text)
	os.Exit(2)
}
