// A program that verifies and does not close: it must end by itself.
import { openVerifier } from '../../../src/images/worker/verifier.ts';

const verifier = openVerifier({ limit: () => AbortSignal.timeout(60_000) });
const answer = await verifier.verify([], AbortSignal.timeout(60_000));
process.stdout.write(JSON.stringify(answer));
