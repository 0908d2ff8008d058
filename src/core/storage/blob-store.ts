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
 * Stores files by key. The server creates keys (`scans/<id>/served`), never from client input. A blob becomes visible only when
 * it is complete.
 */
export abstract class BlobStore {
  /** Stores a stream without buffering it completely. If the stream fails, nothing is stored. */
  abstract put(key: string, body: Readable): Promise<StoredBlob>;

  /**
   * Moves a file of the local disk into the store, without a copy if possible.
   * @param stored its size and hash, if already known
   */
  abstract putFile(key: string, path: string, stored?: StoredBlob): Promise<StoredBlob>;

  /** @throws BlobMissing */
  abstract get(key: string, range?: ByteRange): Promise<Readable>;

  abstract head(key: string): Promise<BlobInfo | null>;

  /** Does nothing if the blob does not exist. */
  abstract delete(key: string): Promise<void>;

  /** All blobs below a prefix, ascending by key. */
  abstract list(prefix: string): AsyncIterable<BlobInfo>;

  /**
   * Deletes unfinished files of killed processes, below a prefix and older than an instant (epoch milliseconds).
   * @returns the number of deleted files
   */
  abstract sweepUnfinished(prefix: string, before: number): Promise<number>;
}

/** Thrown if a blob does not exist, although there is a record of it. */
export class BlobMissing extends Error {
  constructor(readonly key: string) {
    super('blob is missing');
  }
}

const KEY = /^[a-z0-9]+(?:[/-][a-z0-9]+)*$/;

/** @throws Error for a malformed key, which is a programming error */
export function assertKey(key: string): void {
  if (!KEY.test(key)) throw new Error('not a valid blob key');
}
