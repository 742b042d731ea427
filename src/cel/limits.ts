// How much work an expression may do. Upstream: k8s.io/apiserver/pkg/apis/cel/config.go.

/** Work units of one expression. */
export const expressionLimit = 1_000_000;
/** Of all validations of one policy and binding together, and again of its audit annotations. */
export const policyBudget = 10_000_000;
/** Of all match conditions of a policy together. */
export const matchConditionsBudget = 2_500_000;

/** Code points of an expression. Upstream: the defaults of parser.NewParser in cel-go, which Kubernetes keeps. */
export const maxSource = 100_000;
/** Nesting of an expression, as cel-go counts it; chains of && and || count as one level. */
export const maxNesting = 250;
/** Nesting of data that `==` and friends compare. */
export const maxDataDepth = 512;
/** Dynamic regular expressions kept compiled for one expression. */
export const maxPatterns = 64;
/** Guarded work of one evaluation, in comparisons or tens of characters: what the cost does not bound, this does. */
export const maxWork = 5_000_000;
