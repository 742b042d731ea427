// What a registry asks for in WWW-Authenticate: a name and password, or a token that somebody else gives out.
// Upstream: RFC 9110 section 11.6.1, https://distribution.github.io/distribution/spec/auth/token/

export type Challenge =
  | { readonly kind: 'basic' }
  | {
      readonly kind: 'bearer';
      readonly realm: string;
      readonly service: string;
      /** As the registry says it; "" where it says none. */
      readonly scope: string;
    };

const maxHeader = 4096;
const scheme = /(?:^|,)\s*([A-Za-z][A-Za-z0-9-]*)\s+(?=[A-Za-z_]+\s*=)/g;
const parameter = /([A-Za-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/g;

/** Bearer before Basic, where both are offered; undefined: neither is. */
export function parseChallenge(headers: readonly string[]): Challenge | undefined {
  const offers = headers.filter(({ length }) => length <= maxHeader).flatMap(offersIn);
  const bearer = offers.find(
    ({ name, parameters }) => name === 'bearer' && parameters.has('realm'),
  );
  if (bearer !== undefined) {
    const [realm = '', service = '', scope = ''] = ['realm', 'service', 'scope'].map((key) =>
      bearer.parameters.get(key),
    );
    return { kind: 'bearer', realm, service, scope };
  }
  const isBasic = offers.some(({ name }) => name === 'basic');
  return isBasic || headers.some((each) => /^\s*basic\s*$/i.test(each))
    ? { kind: 'basic' }
    : undefined;
}

type Offer = { readonly name: string; readonly parameters: ReadonlyMap<string, string> };

function offersIn(header: string): Offer[] {
  const starts = [...header.matchAll(scheme)];
  return starts.map((start, i) => {
    const text = header.slice(start.index + start[0].length, starts[i + 1]?.index);
    const parameters = [...text.matchAll(parameter)].map(
      ([, key = '', quoted, plain]): [string, string] => [
        key.toLowerCase(),
        quoted === undefined ? (plain ?? '') : quoted.replace(/\\(.)/g, '$1'),
      ],
    );
    return { name: (start[1] ?? '').toLowerCase(), parameters: new Map(parameters) };
  });
}
