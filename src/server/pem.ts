// Certificates in PEM files: read whole, bounded, and every one of them must be readable.
// OpenSSL takes what it finds up to the first fault, so a file that is half written would pass for a short one.

import { X509Certificate } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { messageOf } from '../base/cause.ts';

/** A Secret of Kubernetes holds no more. */
export const maxPem = 1024 * 1024;

/** Throws when it is no regular file, is too large or cannot be read. */
export async function readPem(file: string): Promise<Buffer> {
  // Threat: a pipe that nobody writes to would be waited for forever.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await handle.stat()).isFile()) throw new Error('it is no regular file');
    return await readBounded(handle);
  } finally {
    await handle.close();
  }
}

async function readBounded(handle: FileHandle): Promise<Buffer> {
  const buffer = Buffer.alloc(maxPem + 1);
  let size = 0;
  while (size < buffer.length) {
    const { bytesRead } = await handle.read(buffer, size, buffer.length - size);
    if (bytesRead === 0) return Buffer.from(buffer.subarray(0, size));
    size += bytesRead;
  }
  throw new Error(`it is larger than ${maxPem} bytes`);
}

const [begin, end] = ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----'];

export type Chain = readonly [X509Certificate, ...X509Certificate[]];

/** All of them, in order. Throws when there is none, or one is not whole. */
export function certificatesIn(pem: Buffer): Chain {
  const [first, ...rest] = pem.toString('latin1').split(begin).slice(1).map(certificate);
  if (first === undefined) throw new Error('it holds no certificate in PEM');
  return [first, ...rest];
}

function certificate(text: string, index: number): X509Certificate {
  const length = text.indexOf(end);
  if (length < 0) throw new Error(`certificate ${index + 1} has no end`);
  try {
    return new X509Certificate(`${begin}${text.slice(0, length)}${end}\n`);
  } catch (error) {
    const why = messageOf(error);
    throw new Error(`certificate ${index + 1}: ${why}`);
  }
}
