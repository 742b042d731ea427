// The guards of the registry client: whose bytes are believed, where it never goes, and where credentials never go.
import { type Guard, guard } from './guard.ts';

const tests = {
  registry: 'images/registry.test.ts',
  guard: 'images/guard.test.ts',
  credentials: 'images/credentials.test.ts',
} as const;

export const registryGuards: readonly Guard[] = [
  guard(
    'manifests of another digest',
    'images/registry/manifests.ts',
    'if (wanted !== digest) return otherBytes(reply, question);',
    '',
    tests.registry,
  ),
  guard(
    'blobs of another digest',
    'images/registry/manifests.ts',
    'sha256(read.value) === digest ? read',
    'sha256(read.value) ? read',
    tests.registry,
  ),
  guard(
    'manifests that are an image and an index',
    'images/registry/manifests.ts',
    ' && other === undefined',
    '',
    tests.registry,
  ),
  guard(
    'answers that are larger than what is read',
    'images/registry/body.ts',
    'if (size > limit) return tooLarge(url.host, what, limit);',
    'if (size < 0) return tooLarge(url.host, what, limit);',
    tests.registry,
  ),
  guard(
    'more requests than a registry is asked in a second',
    'images/registry/session.ts',
    'if (pause === 0) return leave;',
    'if (pause >= 0) return leave;',
    tests.registry,
  ),
  guard(
    'redirects without end',
    'images/registry/exchange.ts',
    'hops === maxRedirects ||',
    '',
    tests.registry,
  ),
  guard(
    'redirects to where registries are not asked',
    'images/registry/exchange.ts',
    'return forbiddenUrl(url, hosts);',
    'return undefined;',
    tests.registry,
  ),
  guard(
    'redirects that leave TLS',
    'images/registry/exchange.ts',
    "if (url.protocol !== 'https:' && !isPlain) return 'would be asked without TLS';",
    '',
    tests.registry,
  ),
  guard(
    'credentials that follow a redirect',
    'images/registry/exchange.ts',
    'isOwn &&= next.value.origin === url.origin;',
    '',
    tests.credentials,
  ),
  guard(
    'credentials for a host that a registry names for tokens',
    'images/registry/tokens.ts',
    'if (login === null || url.origin === base.origin || tokenHosts.includes(url.host)) return ok(url);',
    'if (login !== undefined) return ok(url);',
    tests.credentials,
  ),
  guard(
    'registries that no policy names',
    'images/registry/endpoint.ts',
    "if (!allowed(registry)) return notAllowed(registry, 'is named by no policy');",
    '',
    tests.guard,
  ),
  guard(
    'the node and the API server, named as a registry',
    'images/registry/endpoint.ts',
    'if (why !== undefined) return notAllowed(asked.registry, why);',
    '',
    tests.guard,
  ),
  guard(
    'names that resolve to the node or a metadata service',
    'images/registry/reach.ts',
    'if (why !== undefined) throw',
    'if (why === null) throw',
    tests.guard,
  ),
  guard(
    'metadata services in an address of IPv6',
    'images/registry/guard.ts',
    'if (isMapped || isCompatible || isTranslated) return',
    'if (family === 4) return',
    tests.guard,
  ),
  guard(
    'registries that fail again and again',
    'images/registry/breaker.ts',
    'if (failures < failuresInARow) return 0;',
    'if (failures >= 0) return 0;',
    tests.registry,
  ),
  guard(
    'a registry that is asked without bound',
    'images/registry/client.ts',
    'if (page === maxPages || all.listed.length === maxReferrers)',
    'if (page === 1e9)',
    tests.registry,
  ),
];
