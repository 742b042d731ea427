// What the corpus attests: a scan without findings, and a build from a release tag. Upstream: cosign's vulnerability
// predicate (cosign.sigstore.dev/attestation/vuln/v1) and SLSA provenance v1.
import type { JsonObject } from '../../../src/base/json.ts';

export const scan: JsonObject = {
  invocation: { uri: 'https://ci.example.com/runs/4711', producer_id: 'scanner' },
  scanner: {
    uri: 'pkg:github/example/scanner@2.1.0',
    version: '2.1.0',
    db: {
      uri: 'https://db.example.com',
      version: '2026-11-20',
      lastUpdate: '2026-11-20T04:00:00Z',
    },
    result: { vulnerabilities: [{ id: 'CVE-2026-0001', severity: 'LOW' }] },
  },
  metadata: {
    scanStartedOn: '2026-11-20T10:00:00Z',
    scanFinishedOn: '2026-11-20T10:00:30Z',
  },
};

export const provenance: JsonObject = {
  buildDefinition: {
    buildType: 'https://actions.github.io/buildtypes/workflow/v1',
    externalParameters: {
      workflow: {
        ref: 'refs/tags/v1.4.0',
        repository: 'https://github.com/acme/shop',
        path: '.github/workflows/release.yml',
      },
    },
    internalParameters: {},
    resolvedDependencies: [
      {
        uri: 'git+https://github.com/acme/shop@refs/tags/v1.4.0',
        digest: { gitCommit: '0123456789abcdef0123456789abcdef01234567' },
      },
    ],
  },
  runDetails: {
    builder: { id: 'https://github.com/actions/runner/github-hosted' },
    metadata: { invocationId: 'https://github.com/acme/shop/actions/runs/4711/attempts/1' },
  },
};
