// Package expression judges things by conditions that an office writes itself, in the Common
// Expression Language: checked for types and cost before they are kept, and stopped when they take
// too long. It is the only importer of cel-go.
package expression

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"
)

// The bounds of an expression: its length in characters, how deep it nests, what it may cost, and how
// long it may take.
const (
	maxLength = 2_000
	maxDepth  = 20
	maxCost   = 100_000
	maxTime   = 100 * time.Millisecond
)

// What an expression's cost is estimated with: no list, map or text that it meets is longer as a rule.
const (
	likelyList = 50
	likelyMap  = 8
	likelyText = 2_000
)

// Answer is what an expression says of a thing.
type Answer int

// The three answers. What cannot be judged is neither true nor false: a word that is missing, a
// division by zero, too much work.
const (
	Unjudged Answer = iota
	Yes
	No
)

// Problem is one thing that is wrong with an expression's text; lines and columns count from 1.
type Problem struct {
	Line, Column int
	Message      string
}

func (p Problem) String() string {
	return fmt.Sprintf("line %d, column %d: %s", p.Line, p.Column, p.Message)
}

// Language is what expressions may speak of: one variable, and the fields of its type.
type Language struct {
	variable string
	env      *cel.Env
}

// New makes the language in which the variable is a T. The fields of T, and of the structs in it, are
// named by their tag `cel:"name"`; a field tagged `cel:"-"` is out of reach.
func New[T any](variable string, parts ...reflect.Type) (*Language, error) {
	of := reflect.TypeFor[T]()
	args := []any{of}
	for _, p := range parts {
		args = append(args, p)
	}
	args = append(args, ext.ParseStructTag("cel"))
	env, err := cel.NewEnv(ext.NativeTypes(args...), cel.Variable(variable, cel.ObjectType(of.String())),
		ext.Strings(), ext.Lists(), ext.Sets(), cel.OptionalTypes(), cel.ParserExpressionSizeLimit(maxLength), cel.ExpressionNestingDepthLimit(maxDepth))
	if err != nil {
		return nil, err
	}
	return &Language{variable, env}, nil
}

// Expression is a condition that may be asked. It can be shared.
type Expression struct {
	variable string
	program  cel.Program
}

// Compile reads a condition. What is wrong with it is said by line and column, all at once; then there
// is no expression.
func (l *Language) Compile(source string) (*Expression, []Problem) {
	ast, issues := l.env.Compile(source)
	if issues.Err() != nil {
		var list []Problem
		for _, e := range issues.Errors() {
			list = append(list, Problem{max(1, e.Location.Line()), max(1, e.Location.Column()+1), e.Message})
		}
		if list == nil {
			list = []Problem{{1, 1, issues.Err().Error()}}
		}
		return nil, list
	}
	if ast.OutputType() != cel.BoolType {
		return nil, []Problem{{1, 1, fmt.Sprintf("must be true or false, not of type %s", ast.OutputType())}}
	}
	estimate, err := l.env.EstimateCost(ast, sizes{})
	if err != nil {
		return nil, []Problem{{1, 1, err.Error()}}
	}
	if estimate.Max > maxCost {
		return nil, []Problem{{1, 1, fmt.Sprintf("takes too much work: up to %d steps, %d are allowed", estimate.Max, maxCost)}}
	}
	program, err := l.env.Program(ast, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(maxCost), cel.InterruptCheckFrequency(100))
	if err != nil {
		return nil, []Problem{{1, 1, err.Error()}}
	}
	return &Expression{l.variable, program}, nil
}

// sizes tells the estimate how long things are that only a run can measure.
type sizes struct{}

// EstimateCallCost leaves calls to the library.
func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

// EstimateSize bounds lists, maps and texts by what is likely.
func (sizes) EstimateSize(element cost.AstNode) *cost.SizeEstimate {
	switch element.Type().Kind() {
	case types.ListKind:
		return &cost.SizeEstimate{Max: likelyList}
	case types.MapKind:
		return &cost.SizeEstimate{Max: likelyMap}
	case types.StringKind, types.BytesKind:
		return &cost.SizeEstimate{Max: likelyText}
	}
	return nil
}

// Ask judges a thing. When it cannot be judged, why says it in a few words.
func (e *Expression) Ask(ctx context.Context, thing any) (answer Answer, why string) {
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	value, _, err := e.program.ContextEval(ctx, map[string]any{e.variable: thing})
	switch {
	case errors.Is(err, context.DeadlineExceeded) || err != nil && ctx.Err() != nil:
		return Unjudged, "it took too long"
	case err != nil:
		return Unjudged, err.Error()
	}
	switch holds, ok := value.Value().(bool); {
	case !ok:
		return Unjudged, fmt.Sprintf("it answers %v", value.Type())
	case holds:
		return Yes, ""
	}
	return No, ""
}
