// `"…".format([…])` with both written out: each clause against the static type of its argument.
// Upstream: stringFormatValidator in ext/formatting.go of cel-go.
import type { Ast } from './ast.ts';
import { type Builder, faulty } from './builder.ts';
import type { Node } from './frame.ts';
import { showType } from './type.ts';

const texts = ['string', 'bool', 'bytes', 'int', 'uint', 'double', 'list', 'map', 'type'];
const times = ['google.protobuf.Timestamp', 'google.protobuf.Duration'];
const accepted: ReadonlyMap<string, readonly string[]> = new Map([
  ['s', [...texts, ...times, 'null_type']],
  ['d', ['int', 'uint']],
  ['f', ['double', 'string']],
  ['e', ['double', 'string']],
  ['b', ['int', 'uint', 'bool']],
  ['o', ['int', 'uint']],
  ['x', ['int', 'uint', 'string', 'bytes']],
  ['X', ['int', 'uint', 'string', 'bytes']],
]);

/** Looks at the call when all types are known. `nodeOf`: what was compiled from an argument, or from what is in one. */
export function checkFormat(
  ast: Extract<Ast, { kind: 'call' }>,
  nodeOf: (ast: Ast) => Node | undefined,
  b: Builder,
): void {
  const [list] = ast.args;
  if (ast.target?.kind !== 'literal' || list?.kind !== 'list' || ast.args.length !== 1) return;
  const template = ast.target.value;
  if (typeof template !== 'string') return;
  b.later.push(() => {
    const fault = faultOf(template, list.items, (item) => {
      const node = nodeOf(item);
      return node === undefined ? 'dyn' : b.types.final(node.type).name;
    });
    if (fault === undefined) return;
    faulty(b, fault.at ?? ast, 'cel-type', fault.message);
  });
}

type Fault = { readonly message: string; readonly at?: Ast };

function faultOf(
  template: string,
  items: readonly Ast[],
  typeOf: (item: Ast) => string,
): Fault | undefined {
  let next = 0;
  for (const [, plain, precision, verb = ''] of template.matchAll(/%(?:(%)|(\.[0-9]*)?(.?))/gsu)) {
    if (plain !== undefined) continue;
    const item = items[next];
    if (item === undefined) return { message: `index ${next} out of range` };
    next++;
    const types = accepted.get(verb);
    if (types === undefined || precision === '.') {
      return { message: `could not parse formatting clause: %${precision ?? ''}${verb}` };
    }
    const wrong = unfit(item, types, verb === 's', typeOf);
    if (wrong !== undefined) {
      const found = showType({ name: typeOf(wrong), args: [] });
      return { message: `the clause %${verb} does not take a value of type '${found}'`, at: wrong };
    }
  }
  if (items.length <= next) return undefined;
  const counts = `expected ${next}, got ${items.length}`;
  return { message: `too many arguments supplied to string.format (${counts})` };
}

/** The argument, or what is written inside it, that has none of the types. */
function unfit(
  item: Ast,
  types: readonly string[],
  deep: boolean,
  typeOf: (item: Ast) => string,
): Ast | undefined {
  const name = typeOf(item);
  if (name !== 'dyn' && !types.includes(name)) return item;
  if (!deep) return undefined;
  const parts =
    item.kind === 'list'
      ? item.items
      : item.kind === 'map'
        ? item.entries.flatMap(({ key, value }) => [key, value])
        : [];
  for (const part of parts) {
    const wrong = unfit(part, types, deep, typeOf);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}
