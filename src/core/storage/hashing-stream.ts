import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Transform, type TransformCallback } from 'node:stream';
import type { StoredBlob } from './blob-store.js';

/** Passes bytes through, counts them and computes their SHA-256. */
export class HashingStream extends Transform {
  private readonly hash = createHash('sha256');
  private count = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.count += chunk.length;
    this.hash.update(chunk);
    done(null, chunk);
  }

  /** Size and hash. Call it once, after the end of the stream. */
  result(): StoredBlob {
    return { bytes: this.count, sha256: this.hash.digest('hex') };
  }
}

const CHUNK_BYTES = 256 * 1024;

/** The size and SHA-256 of a file. */
export async function hashFile(path: string): Promise<StoredBlob> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}
