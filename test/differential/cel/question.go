// One question: what is asked, in which environment, over which values.
package main

import (
	"encoding/json"
	"fmt"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/interpreter"
	admissionv1 "k8s.io/api/admission/v1"
	corev1 "k8s.io/api/core/v1"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	plugin "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/cel/common"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/cel/library"
)

type question struct {
	ID         string `json:"id"`
	Expression string `json:"expression"`
	// Version is the minor of the environment, as "1.30"; the newest when it is absent.
	Version string `json:"version"`
	// Mode is "new" or "stored": the environment of expressions that are being written, or of those that are kept.
	Mode      string     `json:"mode"`
	Roots     roots      `json:"roots"`
	Variables []variable `json:"variables"`
	// Authorizer declares `authorizer` when it is there.
	Authorizer *[]rule `json:"authorizer"`
	// Measure asks how long an evaluation takes.
	Measure bool `json:"measure"`
}

type roots struct {
	Object          json.RawMessage `json:"object"`
	OldObject       json.RawMessage `json:"oldObject"`
	Params          json.RawMessage `json:"params"`
	Request         json.RawMessage `json:"request"`
	NamespaceObject json.RawMessage `json:"namespaceObject"`
}

type variable struct {
	Name       string `json:"name"`
	Expression string `json:"expression"`
}

func (v *variable) GetName() string          { return v.Name }
func (v *variable) GetExpression() string    { return v.Expression }
func (v *variable) ReturnTypes() []*cel.Type { return []*cel.Type{cel.AnyType, cel.DynType} }

func (q question) mode() (environment.Type, error) {
	switch q.Mode {
	case "", "stored":
		return environment.StoredExpressions, nil
	case "new":
		return environment.NewExpressions, nil
	}
	return "", fmt.Errorf("no such mode: %s", q.Mode)
}

// values are the values of the root names, as the admission plugin makes them.
type values struct {
	named map[string]any
}

func (v *values) ResolveName(name string) (any, bool) {
	value, found := v.named[name]
	return value, found
}
func (v *values) Parent() interpreter.Activation { return nil }

func valuesOf(q question) (*values, error) {
	named := map[string]any{}
	for name, text := range map[string]json.RawMessage{
		plugin.ObjectVarName: q.Roots.Object, plugin.OldObjectVarName: q.Roots.OldObject, plugin.ParamsVarName: q.Roots.Params,
	} {
		value, err := unstructured(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		named[name] = value
	}
	request := &admissionv1.AdmissionRequest{}
	if err := json.Unmarshal(orNull(q.Roots.Request), request); err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	var namespace *corev1.Namespace
	if err := json.Unmarshal(orNull(q.Roots.NamespaceObject), &namespace); err != nil {
		return nil, fmt.Errorf("namespaceObject: %w", err)
	}
	named[plugin.RequestVarName] = common.SchemalessTypedToVal(request)
	named[plugin.NamespaceVarName] = common.SchemalessTypedToVal(plugin.CreateNamespaceObject(namespace))
	if q.Authorizer != nil {
		asker := askerOf(request)
		rules := rules(*q.Authorizer)
		named[plugin.AuthorizerVarName] = library.NewAuthorizerVal(asker, rules)
		named[plugin.RequestResourceAuthorizerVarName] = library.NewResourceAuthorizerVal(asker, rules, resource{request})
	}
	return &values{named}, nil
}

// unstructured is a value as that of a custom resource: plain maps and lists.
func unstructured(text json.RawMessage) (ref.Val, error) {
	var value any
	if err := utiljson.Unmarshal(orNull(text), &value); err != nil {
		return nil, err
	}
	return types.DefaultTypeAdapter.NativeToValue(value), nil
}

func orNull(text json.RawMessage) json.RawMessage {
	if len(text) == 0 {
		return json.RawMessage("null")
	}
	return text
}
