// Images that the real cosign signed in a real registry, and the policies that ask for it: what the end-to-end tests of
// signatures put before the gate. Images are called registry.example.com/…, of which the registry on loopback is the mirror.
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { claims, openCosign } from '../images/corpus/cosign.ts';
import { provenance, scan } from '../images/corpus/predicates.ts';
import { pushImage, startRegistry } from '../images/corpus/registry-program.ts';
import { startServices } from '../images/corpus/services.ts';
import { partsOf, trustRoot } from '../policy/image-texts.ts';
import { manifest } from './scene.ts';

export type Workbench = {
  /** Of `serve`: where images are. */
  readonly flags: readonly string[];
  readonly policies: string;
  /** Pushes an image under a tag; the answer is its digest, the same each time. */
  push(repository: string, tag: string, architecture?: string): Promise<string>;
  /** As somebody who holds the release key, or one that no policy knows. */
  sign(name: string, format?: 'legacy' | 'bundle', key?: 'release' | 'other'): Promise<void>;
  /** As the release workflow, without a key. */
  signKeyless(name: string): Promise<void>;
  /** A scan that ended so many days ago, and the provenance of the release workflow. */
  attest(name: string, scanDays: number): Promise<void>;
  stopRegistry(): void;
};

/** `name` is `shop/web@sha256:…`. */
export async function openWorkbench(t: Test): Promise<Workbench> {
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-e2e-images-'));
  const services = await startServices();
  const registry = await startRegistry(folder);
  t.teardown(() => {
    registry.stop();
    services.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const cosign = await openCosign(folder, services);
  const key = await cosign.importKeys('release', newKeys());
  await cosign.importKeys('other', newKeys());
  const config = join(folder, 'serve.yaml');
  writeFileSync(config, configuration(registry.host));
  const at = (name: string): string => `${registry.host}/${name}`;
  const release = { kind: 'key', name: 'release', logged: false } as const;
  return {
    flags: ['--config', config],
    policies: [
      ...policiesWith(key).map(manifest),
      trustRoot('local', partsOf(services.trustedRoot).join(', ')),
    ].join('---\n'),
    push: (repository, tag, architecture = 'amd64') => pushImage(at(repository), tag, architecture),
    sign: (name, format = 'bundle', by = 'release') =>
      cosign.sign(at(name), { ...release, name: by }, format),
    signKeyless: (name) => cosign.sign(at(name), { kind: 'keyless' }, 'bundle'),
    async attest(name, scanDays) {
      const scanFinishedOn = new Date(Date.now() - scanDays * 86_400_000).toISOString();
      const predicate = { ...scan, metadata: { scanStartedOn: scanFinishedOn, scanFinishedOn } };
      await cosign.attest(at(name), release, 'bundle', { type: 'vuln', predicate });
      const built = { type: 'slsaprovenance1', predicate: provenance };
      await cosign.attest(at(name), release, 'legacy', built);
    },
    stopRegistry: () => registry.stop(),
  };
}

function newKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function configuration(host: string): string {
  return manifest({
    apiVersion: 'sekisho.dev/v1alpha1',
    kind: 'Configuration',
    registries: [{ host: 'registry.example.com', mirror: host, mirrorOnly: true }],
    insecureRegistry: [host],
  });
}

function policiesWith(data: string): readonly JsonObject[] {
  const [issuer, subject] = [claims['iss'] ?? '', claims['sub'] ?? ''];
  return [
    policy('signed-images', 'shop', { name: 'release', key: { data } }),
    policy('scanned-images', 'payments', {
      name: 'release',
      key: { data },
      attestations: [
        {
          name: 'scan',
          predicateType: 'vuln',
          policy: {
            type: 'cel',
            data: "timestamp(statement.predicate.metadata.scanFinishedOn) > now - duration('720h')",
          },
        },
        {
          name: 'build',
          predicateType: 'slsaprovenance1',
          policy: {
            type: 'cel',
            data: "statement.predicate.buildDefinition.externalParameters.workflow.repository == 'https://github.com/acme/shop'",
          },
        },
      ],
    }),
    policy('workflow-images', 'vault', {
      name: 'release',
      keyless: { trustRootRef: 'local', identities: [{ issuer, subject }] },
    }),
  ];
}

function policy(name: string, repositories: string, authority: JsonObject): JsonObject {
  const glob = `registry.example.com/${repositories}/**`;
  return {
    apiVersion: 'policy.sigstore.dev/v1beta1',
    kind: 'ClusterImagePolicy',
    metadata: { name },
    spec: { images: [{ glob }], authorities: [authority] },
  };
}

/** What an image that is named by a tag is met with; the bundle's own policy about tags only notes them. */
export function digests(mode: 'require' | 'warn'): string {
  const settings = {
    apiVersion: 'sekisho.dev/v1alpha1',
    kind: 'PolicySettings',
    metadata: { name: 'settings' },
    spec: { podSecurity: { templates: 'Enforce' }, images: { digests: mode } },
  };
  const noted = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'images-by-digest' },
    spec: { policyName: 'images-by-digest', validationActions: ['Audit'] },
  };
  return [settings, noted].map(manifest).join('---\n');
}
