// Compiles and evaluates expressions as the API server does for a ValidatingAdmissionPolicy: the truth that ours is
// held against. Standard input: {"expression", "object"} as JSON a line; standard output: for each
// {"refused": true} or {"type", "value"} or {"type", "error"}.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"sort"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"k8s.io/apimachinery/pkg/util/version"
	plugin "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	utiljson "k8s.io/apimachinery/pkg/util/json"
)

type accessor struct{ expression string }

func (a *accessor) GetExpression() string     { return a.expression }
func (a *accessor) ReturnTypes() []*cel.Type { return []*cel.Type{cel.AnyType} }

type question struct {
	Expression string          `json:"expression"`
	Object     json.RawMessage `json:"object"`
}

type answer struct {
	Refused bool   `json:"refused,omitempty"`
	Type    string `json:"type,omitempty"`
	Value   any    `json:"value,omitempty"`
	Error   string `json:"error,omitempty"`
	Why     string `json:"why,omitempty"`
}

func main() {
	compiler := plugin.NewCompiler(environment.MustBaseEnvSet(version.MajorMinor(1, 37)))
	declarations := plugin.OptionalVariableDeclarations{HasParams: true}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		var q question
		if err := utiljson.Unmarshal(lines.Bytes(), &q); err != nil {
			panic(err)
		}
		line, err := json.Marshal(ask(compiler, declarations, q))
		if err != nil {
			panic(err)
		}
		fmt.Fprintln(out, string(line))
	}
}

func ask(compiler plugin.Compiler, declarations plugin.OptionalVariableDeclarations, q question) answer {
	compiled := compiler.CompileCELExpression(&accessor{q.Expression}, declarations, environment.StoredExpressions)
	if compiled.Error != nil {
		return answer{Refused: true, Why: compiled.Error.Detail}
	}
	var object any
	if err := utiljson.Unmarshal(q.Object, &object); err != nil {
		panic(err)
	}
	value, _, err := compiled.Program.ContextEval(context.Background(), map[string]any{
		"object":          object,
		"oldObject":       nil,
		"params":          nil,
		"namespaceObject": map[string]any{"metadata": map[string]any{"name": "shop", "labels": map[string]any{"env": "prod"}}},
		"request": map[string]any{
			"operation": "CREATE", "name": "web", "namespace": "shop", "dryRun": false,
			"kind":     map[string]any{"group": "", "version": "v1", "kind": "Pod"},
			"userInfo": map[string]any{"username": "alice", "groups": []any{"system:authenticated"}},
		},
	})
	if err != nil {
		return answer{Type: compiled.OutputType.String(), Error: err.Error()}
	}
	return answer{Type: compiled.OutputType.String(), Value: plain(value)}
}

// plain writes a value with its type, so that 1, 1.0 and 1u are told apart.
func plain(value ref.Val) any {
	switch v := value.(type) {
	case types.Bool:
		return bool(v)
	case types.String:
		return string(v)
	case types.Int:
		return fmt.Sprintf("int %d", int64(v))
	case types.Uint:
		return fmt.Sprintf("uint %d", uint64(v))
	case types.Double:
		if math.IsNaN(float64(v)) {
			return "double NaN"
		}
		return fmt.Sprintf("double %v", float64(v))
	case types.Bytes:
		return fmt.Sprintf("bytes %x", []byte(v))
	case types.Null:
		return "null"
	case types.Duration:
		return fmt.Sprintf("duration %d", int64(v.Duration))
	case types.Timestamp:
		return fmt.Sprintf("timestamp %d.%09d", v.Unix(), v.Nanosecond())
	case *types.Optional:
		if !v.HasValue() {
			return "none"
		}
		return []any{"some", plain(v.GetValue())}
	case traits.Lister:
		items := []any{"list"}
		for it := v.Iterator(); it.HasNext() == types.True; {
			items = append(items, plain(it.Next()))
		}
		return items
	case traits.Mapper:
		entries := [][2]any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			entries = append(entries, [2]any{plain(key), plain(v.Get(key))})
		}
		sort.Slice(entries, func(i, j int) bool { return fmt.Sprint(entries[i][0]) < fmt.Sprint(entries[j][0]) })
		return map[string]any{"map": entries}
	case ref.Type:
		return "type " + v.TypeName()
	default:
		return "a " + value.Type().TypeName()
	}
}
