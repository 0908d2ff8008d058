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
 * Stores files under keys. Keys are made by the server (`scans/<id>/served`), never from client input. A blob appears under its
 * key only when it is complete.
 */
export abstract class BlobStore {
  /** Reads the stream once and never holds it as a whole. If it fails, nothing is stored under the key. */
  abstract put(key: string, body: Readable): Promise<StoredBlob>;

  /**
   * Moves a file from the local disk into the store; copies it only if it must.
   * @param measured size and hash, if they are known already
   */
  abstract putFile(key: string, path: string, measured?: StoredBlob): Promise<StoredBlob>;

  /** @throws BlobMissing */
  abstract get(key: string, range?: ByteRange): Promise<Readable>;

  abstract head(key: string): Promise<BlobInfo | null>;

  /** Does nothing if there is no such blob. */
  abstract delete(key: string): Promise<void>;

  /** All blobs below a prefix, ascending by key. */
  abstract list(prefix: string): AsyncIterable<BlobInfo>;

  /**
   * Deletes what killed writers left below a prefix, if older than the moment (epoch milliseconds).
   * @returns how many there were
   */
  abstract sweepUnfinished(prefix: string, before: number): Promise<number>;
}

/** There is no blob under the key. */
export class BlobMissing extends Error {
  constructor(readonly key: string) {
    super('blob is missing');
  }
}

const KEY = /^[a-z0-9]+(?:[/-][a-z0-9]+)*$/;

/** @throws Error for a malformed key, which is a programming error */
export function assertKey(key: string): void {
  if (!KEY.test(key)) throw new Error('not a key of a blob');
}
