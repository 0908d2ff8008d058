import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Decrypter, Encrypter } from 'age-encryption';
import { HashingStream } from '../core/storage/hashing-stream.js';

/** An encrypted file of a backup. */
export interface Part {
  name: string;
  bytes: number;
  sha256: string;
}

const READ_BYTES = 256 * 1024;

const toWeb = (source: Readable): ReadableStream<Uint8Array> => Readable.toWeb(source);
const fromWeb = (source: ReadableStream<Uint8Array>): Readable => Readable.fromWeb(source);

/** Encrypts a stream in the age format (age-encryption.org), in chunks, so that memory does not grow with its length. */
async function encrypt(source: Readable, recipients: readonly string[]): Promise<Readable> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return fromWeb(await encrypter.encrypt(toWeb(source)));
}

/** Writes an encrypted part. It is on the disk when the promise resolves. */
export async function writePart(
  folder: string,
  name: string,
  source: Readable,
  recipients: readonly string[],
): Promise<Part> {
  const hashing = new HashingStream();
  const file = createWriteStream(join(folder, name), { flags: 'wx', mode: 0o600, flush: true });
  await pipeline(await encrypt(source, recipients), hashing, file);
  return { name, ...hashing.result() };
}

/**
 * Decrypts a part. The stream fails where a byte was changed, and at its end if something is missing.
 * @throws Error if it is encrypted for another identity
 */
export async function readPart(folder: string, name: string, identity: string): Promise<Readable> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  const source = createReadStream(join(folder, name), { highWaterMark: READ_BYTES });
  try {
    return fromWeb(await decrypter.decrypt(toWeb(source)));
  } catch (error) {
    source.destroy();
    throw new Error(`${name} cannot be decrypted: BACKUP_IDENTITY is not of its recipients, or it is damaged.`, {
      cause: error,
    });
  }
}

export async function readText(source: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of source as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
