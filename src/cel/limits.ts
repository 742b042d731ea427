// How much work an expression may do. Upstream: k8s.io/apiserver/pkg/apis/cel/config.go.

/** Work units of one expression. */
export const expressionLimit = 1_000_000;
/** Of all validations of one policy and binding together, and again of its audit annotations. */
export const policyBudget = 10_000_000;
/** Of all match conditions of a policy together. */
export const matchConditionsBudget = 2_500_000;

/** UTF-16 units of an expression. */
export const maxSource = 100_000;
/** Nesting of an expression; chains of && and || count as one level. */
export const maxNesting = 250;
/** Nesting of data that `==` and friends compare. */
export const maxDataDepth = 512;
/** Dynamic regular expressions kept compiled for one expression. */
export const maxPatterns = 64;
