// Judges pods by the Pod Security library of Kubernetes: the truth that ours is held against.
// Standard input: one pod as JSON a line. Standard output: a line each, with for baseline and restricted the texts of
// the failing checks, as [since minor, [text, ...]] wherever they change from one version to the next.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

const newest = 37

type step [2]any

func main() {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		var pod corev1.Pod
		if err := json.Unmarshal(lines.Bytes(), &pod); err != nil {
			panic(err)
		}
		judged := map[string][]step{}
		for _, level := range []api.Level{api.LevelBaseline, api.LevelRestricted} {
			last := []string(nil)
			for minor := 0; minor <= newest; minor++ {
				lv := api.LevelVersion{Level: level, Version: api.MajorMinorVersion(1, minor)}
				texts := []string{}
				for _, result := range evaluator.EvaluatePod(lv, &pod.ObjectMeta, &pod.Spec) {
					if !result.Allowed {
						texts = append(texts, fmt.Sprintf("%s|%s", result.ForbiddenReason, result.ForbiddenDetail))
					}
				}
				if last == nil || !slices.Equal(texts, last) {
					judged[string(level)] = append(judged[string(level)], step{minor, texts})
				}
				last = texts
			}
		}
		line, err := json.Marshal(judged)
		if err != nil {
			panic(err)
		}
		fmt.Fprintln(out, string(line))
	}
}
