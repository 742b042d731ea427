// A ledger of three segments with all that a segment can hold, and what verification says of one.
import { join } from 'node:path';
import type { Verification } from '../../src/ledger/verify/finding.ts';
import { verifyLedger } from '../../src/ledger/verify/verify.ts';
import type { Builder } from './builder.ts';

/** Three epochs, stopped in good order. */
export function threeSegments(builder: Builder, each = 6): Builder {
  builder.header('new');
  builder.append('start', { engine: '0.1.0', node: 'v24', policySet: null, settings: {} });
  for (let i = 0; i < each; i++) builder.decision(`a${i}`);
  builder.checkpoint();
  builder.decision('b');
  builder.rotate();
  for (let i = 0; i < each; i++) builder.decision(`c${i}`);
  builder.append('gap', { from: 'x', to: 'y', cause: 'z', denied: 2, allowed: 0 });
  builder.rotate('age');
  for (let i = 0; i < each; i++) builder.decision(`d${i}`);
  builder.checkpoint();
  builder.decision('e');
  builder.stop();
  return builder;
}

export const kindsOf = ({ findings }: Verification): string[] => findings.map(({ kind }) => kind);

/** `KIND SEQ-TO` of each finding of a ledger that is saved as it is. */
export async function told(builder: Builder, folder: string): Promise<string[]> {
  builder.save(folder);
  return toldOf(await verifyLedger([folder], builder.roots()));
}

export function toldOf({ findings }: Verification): string[] {
  return findings.map(({ kind, seq, to }) =>
    seq === to ? `${kind} ${seq ?? ''}`.trim() : `${kind} ${seq}-${to}`,
  );
}

export function folderOf(root: string, name: string): string {
  return join(root, name.replaceAll(/[^a-z0-9]+/g, '-'));
}
