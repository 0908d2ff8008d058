import type { Readable } from 'node:stream';

/** First and last byte, both included. */
export interface ByteRange {
  first: number;
  last: number;
}

export interface StoredBlob {
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
}

export interface BlobInfo {
  key: string;
  bytes: number;
  /** Epoch milliseconds. */
  modifiedAt: number;
}

/**
 * Where the bytes of files are. Keys are made by the server (`scans/<id>/served`), never from what a client sent. A key
 * that exists is whole: nobody ever sees half a blob.
 */
export abstract class BlobStore {
  /** The stream is read once and never held as a whole. A fault of it leaves nothing under the key. */
  abstract put(key: string, body: Readable): Promise<StoredBlob>;

  /**
   * Takes over a file of the local disk, which is gone afterwards. Spares the second copy where it can.
   * @param measured what is in it, where that is known already
   */
  abstract putFile(key: string, path: string, measured?: StoredBlob): Promise<StoredBlob>;

  /** @throws BlobMissing */
  abstract get(key: string, range?: ByteRange): Promise<Readable>;

  abstract head(key: string): Promise<BlobInfo | null>;

  /** No error where there is none. */
  abstract delete(key: string): Promise<void>;

  /** Everything below a prefix, ascending by key. */
  abstract list(prefix: string): AsyncIterable<BlobInfo>;

  /**
   * Deletes what writers left that were killed, below a prefix and older than the moment (epoch milliseconds).
   * @returns how many there were
   */
  abstract sweepUnfinished(prefix: string, before: number): Promise<number>;
}

/** There is a record of the blob, but its bytes are gone. */
export class BlobMissing extends Error {
  constructor(readonly key: string) {
    super('blob is missing');
  }
}

const KEY = /^[a-z0-9]+(?:[/-][a-z0-9]+)*$/;

/** @throws Error for a key that no code of ours makes: a programming error, not a request's */
export function assertKey(key: string): void {
  if (!KEY.test(key)) throw new Error('not a key of a blob');
}
