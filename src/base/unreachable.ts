// The end of an exhaustive switch: a new variant that nobody handles fails the type check, and at run time says which.
export function unreachable(value: never): never {
  throw new Error(`unhandled variant: ${JSON.stringify(value)}`);
}
