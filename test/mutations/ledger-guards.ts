// The guards of what is written, sent on and proven: the holes that lost power leaves, the keys and certificates, the
// cursors of exporters, and each rule by which the verifier tells what was done to a ledger.
import { type Guard, guard } from './guard.ts';

const written: readonly Guard[] = [
  guard(
    'records after a hole that lost power left',
    'ledger/store/last-segment.ts',
    'if (hole >= 0) return read + hole;',
    '',
    'ledger/lost-writes.test.ts',
  ),
  guard(
    'a last record that is not whole, continued',
    'ledger/store/last-segment.ts',
    "return err({ code: 'ledger-broken', message, file: path, line: 0, column: 0 });",
    '',
    'ledger/store.test.ts',
  ),
  guard(
    'certificates that have expired, taken while the server runs',
    'server/certificate.ts',
    "if (phase === 'valid' || phase === 'ending') return loaded;",
    'return loaded;',
    'server/tls.test.ts',
  ),
  guard(
    'client CAs that hold no certificate',
    'server/tls.ts',
    'const bundle = certificatesIn(ca);',
    'const bundle = [];',
    'server/tls.test.ts',
  ),
];

const threaded: readonly Guard[] = [
  guard(
    'memory that the next request comes in, sent to the thread of the ledger',
    'server/ledger-thread/sent-decision.ts',
    'body: new Uint8Array(body),',
    'body,',
    'server/ledger-thread.test.ts',
  ),
  guard(
    'a record without the rules that were evaluated',
    'server/ledger-thread/sent-decision.ts',
    "if (results === undefined) throw new Error('the results of a decision were not sent');",
    '',
    'server/ledger-thread.test.ts',
  ),
  guard(
    'more records than may wait for the thread of the ledger',
    'server/ledger-thread/waiting.ts',
    'held + weight > mostBytes',
    'false',
    'server/ledger-thread.test.ts',
  ),
  guard(
    'allowances that a lost thread may have recorded and nobody was given',
    'server/ledger-thread/thread.ts',
    'if (allows !== null) void append(',
    'if (false) void append(',
    'server/ledger-thread.test.ts',
  ),
  guard(
    'a thread of the ledger that stands still, called available',
    'server/ledger-thread/thread.ts',
    'totals.state().available && !isSlow',
    'totals.state().available',
    'server/ledger-thread.test.ts',
  ),
  guard(
    'a record that ends one thread of the ledger after another',
    'server/ledger-thread/thread.ts',
    'post({ ...each, entry: null }, each.entry)',
    'post(each, each.entry)',
    'server/ledger-thread.test.ts',
  ),
  guard(
    'segments that an exporter still needs, removed by a thread that was not told',
    'server/ledger-thread/ledger-entry.ts',
    'oldestNeeded: () => needed,',
    'oldestNeeded: () => Infinity,',
    'server/ledger-thread.test.ts',
  ),
];

const sent: readonly Guard[] = [
  guard(
    'a cursor after what the sink did not confirm',
    'ledger/export/exporter.ts',
    'return sent.ok ? ok(gathered) : sent;',
    'return ok(gathered);',
    'ledger/export.test.ts',
  ),
  guard(
    'a cursor of another ledger',
    'ledger/export/source.ts',
    'return ok(hash === (removed ? prevOf(read.value.bytes) : sha256(read.value.bytes)));',
    'return ok(true);',
    'ledger/export.test.ts',
  ),
  guard(
    'a cursor ahead of the ledger',
    'ledger/export/exporter.ts',
    'if (cursor !== null && cursor.seq <= ledger.durable()) {',
    'if (cursor !== null) {',
    'ledger/export.test.ts',
  ),
  guard(
    'records that are not durable, sent',
    'ledger/export/gather.ts',
    'const read = await source.next(durable);',
    'const read = await source.next(Number.MAX_SAFE_INTEGER);',
    'ledger/export.test.ts',
  ),
];

const proven: readonly Guard[] = [
  guard(
    'checkpoints at another place than their own',
    'ledger/verify/seals.ts',
    'if (said.seq !== seq - 1) {',
    'if (said.seq === -1) {',
    'ledger/tamper.test.ts',
  ),
  guard(
    'records that a checkpoint did not sign',
    'ledger/verify/seals.ts',
    'if (said.hash !== prev) {',
    'if (said.hash === "") {',
    'ledger/tamper.test.ts',
  ),
  guard(
    'checkpoints by the key of another epoch',
    'ledger/verify/seals.ts',
    'if (!isSignedBy(note, key.publicKey)) {',
    'if (key.publicKey === "") {',
    'ledger/tamper.test.ts',
  ),
  guard(
    'notes of a later epoch over records of an earlier one',
    'ledger/verify/seals.ts',
    'if (now !== undefined && said.epoch !== now) {',
    'if (now === -1) {',
    'ledger/tamper.test.ts',
  ),
  guard(
    'a key that the epoch before did not name',
    'ledger/verify/seals.ts',
    '} else if (known.publicKey !== said.publicKey) {',
    '} else if (known.publicKey === "") {',
    'ledger/tamper.test.ts',
  ),
  guard(
    'ledgers that no pinned key leads to',
    'ledger/verify/seals.ts',
    'if (known === undefined) {',
    'if (chain === undefined) {',
    'ledger/verify.test.ts',
    'ledger/tamper.test.ts',
  ),
  guard(
    'two ends of one epoch',
    'ledger/verify/seals.ts',
    'if (other === undefined || other.text === note.text) return undefined;',
    'if (other === undefined || other.text !== "") return undefined;',
    'ledger/tamper.test.ts',
  ),
  guard(
    'ways over to an epoch that no note leads',
    'ledger/verify/seals.ts',
    '} else if (!follows) {',
    '} else if (said.epoch < 0) {',
    'ledger/tamper.test.ts',
  ),
  guard(
    'checkpoints of another ledger',
    'ledger/verify/seals.ts',
    'said.ledger === own ? faultOf(note.value, seen, keys, epoch) : strange(said.ledger);',
    'faultOf(note.value, seen, keys, epoch);',
    'ledger/tamper.test.ts',
  ),
  guard(
    'ends that are gone, as a newer checkpoint tells',
    'ledger/verify/expected.ts',
    'if (seq + 1 > last.seq) {',
    'if (seq < 0) {',
    'ledger/tamper.test.ts',
  ),
  guard(
    'ledgers that were written and signed anew',
    'ledger/verify/expected.ts',
    'if (there === undefined || there.hash === hash) return undefined;',
    'if (there === undefined || there.hash !== "") return undefined;',
    'ledger/tamper.test.ts',
  ),
  guard(
    'records that are gone without a retention record',
    'ledger/verify/structure.ts',
    'if (declared.to === 0) return { from, to };',
    'if (declared.to === 0) return undefined;',
    'ledger/tamper.test.ts',
  ),
  guard(
    'segments in another order',
    'ledger/verify/structure.ts',
    'if (before === undefined || before.index < run.index) continue;',
    'if (before === undefined || run.index >= 0) continue;',
    'ledger/tamper.test.ts',
  ),
  guard(
    'records that stand there twice',
    'ledger/verify/structure.ts',
    "if (repeated.has(stray.first.hash)) return 'replayed';",
    '',
    'ledger/tamper.test.ts',
  ),
  guard(
    'records of another replica',
    'ledger/verify/structure.ts',
    "if (isForeign(stray, identity)) return 'foreign';",
    '',
    'ledger/tamper.test.ts',
  ),
  guard(
    'records that the log of the API server should name, and does not',
    'ledger/verify/witness/unclaimed.ts',
    'if (recorded && !again) findings.push(unwitnessed(seq, place));',
    '',
    'ledger/witness.test.ts',
  ),
];

export const ledgerGuards: readonly Guard[] = [...written, ...threaded, ...sent, ...proven];
