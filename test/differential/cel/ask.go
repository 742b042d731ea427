// Compiling and running one expression, with the compiler that the admission plugin composes for a policy.
package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/interpreter"
	"k8s.io/apimachinery/pkg/util/version"
	plugin "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

const newest = "1.37"

type accessor struct{ expression string }

func (a *accessor) GetExpression() string    { return a.expression }
func (a *accessor) ReturnTypes() []*cel.Type { return []*cel.Type{cel.AnyType} }

// compilers are kept by version; one that has variables is of one policy only.
var compilers = map[string]*plugin.CompositedCompiler{}

func compilerOf(q question) (*plugin.CompositedCompiler, error) {
	minor := q.Version
	if minor == "" {
		minor = newest
	}
	if known := compilers[minor]; known != nil && len(q.Variables) == 0 {
		return known, nil
	}
	parsed, err := version.ParseMajorMinor(minor)
	if err != nil {
		return nil, err
	}
	made, err := plugin.NewCompositedCompiler(environment.MustBaseEnvSet(parsed))
	if err == nil && len(q.Variables) == 0 {
		compilers[minor] = made
	}
	return made, err
}

func ask(q question) answer {
	compiler, err := compilerOf(q)
	if err != nil {
		return answer{ID: q.ID, Bad: err.Error()}
	}
	mode, err := q.mode()
	if err != nil {
		return answer{ID: q.ID, Bad: err.Error()}
	}
	declared := plugin.OptionalVariableDeclarations{HasParams: true, HasAuthorizer: q.Authorizer != nil}
	compiled, why := compile(q, compiler, declared, mode)
	if why != "" {
		why, _, _ = strings.Cut(why, "\n")
		return answer{ID: q.ID, Refused: true, Why: why}
	}
	return run(q, compiler, compiled)
}

// compile counts a panic of the compiler as a refusal: the API server answers such a policy with an error.
func compile(
	q question, compiler *plugin.CompositedCompiler, declared plugin.OptionalVariableDeclarations, mode environment.Type,
) (compiled plugin.CompilationResult, why string) {
	defer func() {
		if r := recover(); r != nil {
			why = fmt.Sprint("panic: ", r)
		}
	}()
	for _, each := range q.Variables {
		if result := compiler.CompileAndStoreVariable(&each, declared, mode); result.Error != nil {
			return result, fmt.Sprintf("variable %s: %s", each.Name, result.Error.Detail)
		}
	}
	compiled = compiler.CompileCELExpression(&accessor{q.Expression}, declared, mode)
	if compiled.Error != nil {
		why = compiled.Error.Detail
	}
	return compiled, why
}

func run(q question, compiler *plugin.CompositedCompiler, compiled plugin.CompilationResult) answer {
	over, err := valuesOf(q)
	if err != nil {
		return answer{ID: q.ID, Bad: err.Error()}
	}
	ctx := compiler.CreateContext(context.Background())
	over.named[plugin.VariableVarName] = ctx.Variables(over)
	value, details, err := compiled.Program.ContextEval(ctx, over)
	a := answer{ID: q.ID, Type: compiled.OutputType.String()}
	if details != nil && details.ActualCost() != nil {
		cost := *details.ActualCost() + uint64(ctx.GetAndResetCost())
		a.Cost = &cost
	}
	if q.Measure {
		a.Nanoseconds = nanoseconds(func() { _, _, _ = compiled.Program.ContextEval(ctx, over) })
	}
	if err == nil {
		a.Value = plain(value)
		return a
	}
	a.Error = err.Error()
	var cancelled interpreter.EvalCancelledError
	if errors.As(err, &cancelled) {
		a.Class = "budget"
		a.Cost = nil
	}
	return a
}
