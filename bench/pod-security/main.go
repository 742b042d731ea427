// How long the in-tree Pod Security admission takes for one pod at level restricted, without the API server around it.
// Standard input: a pod as JSON. Argument: how many decisions. Standard output: CPU nanoseconds a decision, and the verdict.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"syscall"

	admissionv1 "k8s.io/api/admission/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/pod-security-admission/admission"
	configuration "k8s.io/pod-security-admission/admission/api"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/metrics"
	"k8s.io/pod-security-admission/policy"
)

// cluster has one namespace, which enforces restricted.
type cluster struct{ namespace corev1.Namespace }

func (c *cluster) GetNamespace(context.Context, string) (*corev1.Namespace, error) {
	return &c.namespace, nil
}

func (c *cluster) ListPods(context.Context, string) ([]*corev1.Pod, error) { return nil, nil }

func main() {
	count, err := strconv.Atoi(os.Args[1])
	must(err)
	var pod corev1.Pod
	must(json.NewDecoder(os.Stdin).Decode(&pod))
	plugin := newPlugin()
	decide := func() bool {
		// As from the API server: attributes of its own for every request.
		return plugin.Validate(context.Background(), &api.AttributesRecord{
			Name:      pod.Name,
			Namespace: "shop",
			Kind:      schema.GroupVersionKind{Version: "v1", Kind: "Pod"},
			Resource:  schema.GroupVersionResource{Version: "v1", Resource: "pods"},
			Operation: admissionv1.Create,
			Object:    &pod,
			Username:  "alice",
		}).Allowed
	}
	for range count / 4 {
		decide()
	}
	before := cpu()
	allowed := true
	for range count {
		allowed = decide()
	}
	fmt.Printf("{\"nanoseconds\": %d, \"allowed\": %t}\n", (cpu()-before)/int64(count), allowed)
}

func newPlugin() *admission.Admission {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	must(err)
	labels := map[string]string{api.EnforceLevelLabel: string(api.LevelRestricted)}
	world := &cluster{}
	world.namespace.Labels = labels
	plugin := &admission.Admission{
		Configuration: &configuration.PodSecurityConfiguration{
			Defaults: configuration.PodSecurityDefaults{
				Enforce: "privileged", EnforceVersion: "latest",
				Audit: "privileged", AuditVersion: "latest",
				Warn: "privileged", WarnVersion: "latest",
			},
		},
		Evaluator:       evaluator,
		Metrics:         metrics.NewPrometheusRecorder(api.LatestVersion()),
		NamespaceGetter: world,
		PodLister:       world,
	}
	must(plugin.CompleteConfiguration())
	must(plugin.ValidateConfiguration())
	return plugin
}

// cpu is the time that all threads have used, the collector's too.
func cpu() int64 {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
