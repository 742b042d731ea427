// Makes test/fixtures/images: images that the real cosign signed and attested, and with what they were signed. Run it
// where Go and Debian's docker-registry are: `node test/images/corpus/make.ts`. Keys and certificates are new each time.
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Cosign, claims, type Format, formats, openCosign, type Signer } from './cosign.ts';
import { provenance, scan } from './predicates.ts';
import { copyOut, pushImage, pushIndex, startRegistry } from './registry-program.ts';
import { identityToken, type Services, startServices } from './services.ts';
import { attachStamped } from './stamped.ts';

const folder = fileURLToPath(new URL('../../fixtures/images/', import.meta.url));

const keyKinds = {
  p256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  p521: () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  rsa: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ed25519: () => generateKeyPairSync('ed25519'),
} as const;

type Scene = { readonly cosign: Cosign; readonly services: Services };

const releaseKey: Signer = { kind: 'key', name: 'p256', logged: false };

const attested = [
  { type: 'vuln', predicate: scan },
  { type: 'slsaprovenance1', predicate: provenance },
] as const;

async function attest(
  { cosign }: Scene,
  image: string,
  signer: Signer,
  format: Format,
): Promise<void> {
  for (const each of attested) await cosign.attest(image, signer, format, each);
}

type Case = {
  readonly repository: string;
  readonly make: (scene: Scene, place: string) => Promise<void>;
};

async function image(place: string): Promise<string> {
  return `${place}@${await pushImage(place, '1.4', 'amd64')}`;
}

const keyCases: readonly Case[] = Object.keys(keyKinds).flatMap((name) =>
  formats.map((format) => ({
    repository: `${name}/${format}`,
    make: async ({ cosign }, place) =>
      cosign.sign(await image(place), { kind: 'key', name, logged: false }, format),
  })),
);

const formatCases: readonly Case[] = formats.flatMap((format): readonly Case[] => [
  {
    repository: `logged/${format}`,
    make: async ({ cosign }, place) =>
      cosign.sign(await image(place), { kind: 'key', name: 'p256', logged: true }, format),
  },
  {
    repository: `keyless/${format}`,
    make: async (scene, place) => {
      const signed = await image(place);
      await scene.cosign.sign(signed, { kind: 'keyless' }, format);
      await attest(scene, signed, { kind: 'keyless' }, format);
    },
  },
  {
    repository: `attested/${format}`,
    make: async (scene, place) => attest(scene, await image(place), releaseKey, format),
  },
  {
    repository: `index/${format}`,
    make: async ({ cosign }, place) =>
      cosign.sign(`${place}@${await pushIndex(place, '1.4')}`, releaseKey, format),
  },
]);

const otherCases: readonly Case[] = [
  {
    repository: 'unsigned',
    make: async (_scene, place) => {
      await pushImage(place, '1.4', 'amd64');
      await pushImage(place, '1.5', 'riscv64');
    },
  },
  {
    repository: 'stamped',
    make: async ({ services }, place) =>
      attachStamped(place, await image(place), identityToken(claims), services.url),
  },
];

async function writeKeys({ cosign }: Scene): Promise<void> {
  const keys = join(folder, 'keys');
  mkdirSync(keys, { recursive: true });
  for (const [name, make] of Object.entries(keyKinds)) {
    writeFileSync(join(keys, `${name}.pub`), await cosign.importKeys(name, make()));
  }
}

async function main(): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'sekisho-corpus-'));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const services = await startServices();
  const registry = await startRegistry(work);
  try {
    const scene: Scene = { cosign: await openCosign(work, services), services };
    await writeKeys(scene);
    const cases = [...keyCases, ...formatCases, ...otherCases];
    for (const { repository, make } of cases) {
      process.stderr.write(`${repository}\n`);
      await make(scene, `${registry.host}/${repository}`);
    }
    const repositories = cases.map(({ repository }) => repository);
    await copyOut(registry.host, repositories, join(folder, 'registry'));
    const root = `${JSON.stringify(services.trustedRoot, null, 2)}\n`;
    writeFileSync(join(folder, 'trusted-root.json'), root);
  } finally {
    registry.stop();
    services.close();
    rmSync(work, { recursive: true, force: true });
  }
}

await main();
