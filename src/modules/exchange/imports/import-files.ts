import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../../../core/logging/logger.js';
import { BlobStore } from '../../../core/storage/blob-store.js';
import { Spool } from '../../../core/storage/spool.js';

const PREFIX = 'imports';
const blobKey = (id: string): string => `${PREFIX}/${id}`;

/** The uploaded files of imports. */
@Injectable()
export class ImportFiles {
  constructor(
    private readonly blobs: BlobStore,
    private readonly spool: Spool,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async store(id: string, path: string): Promise<void> {
    await this.blobs.putFile(blobKey(id), path);
  }

  /** Runs work with a copy of the file on the local disk, which is deleted afterwards. @throws BlobMissing */
  async withLocalCopy<T>(id: string, work: (path: string) => Promise<T>): Promise<T> {
    const workspace = this.spool.newWorkspace();
    await workspace.create();
    try {
      const path = workspace.path('table');
      await pipeline(await this.blobs.get(blobKey(id)), createWriteStream(path, { flags: 'wx', mode: 0o600 }));
      return await work(path);
    } finally {
      await workspace.delete();
    }
  }

  /** @returns whether it was deleted. If not, the next sweep tries again */
  async tryDelete(id: string): Promise<boolean> {
    try {
      await this.blobs.delete(blobKey(id));
      return true;
    } catch (error) {
      this.logger.warn({ err: error, importId: id }, 'the file of an import stays until the next sweep');
      return false;
    }
  }

  /** The ids of stored files that are older than an instant (epoch milliseconds). */
  async *list(before: number): AsyncGenerator<string, void> {
    for await (const { key, modifiedAt } of this.blobs.list(PREFIX))
      if (modifiedAt < before) yield key.slice(PREFIX.length + 1);
  }

  sweepUnfinished(before: number): Promise<number> {
    return this.blobs.sweepUnfinished(PREFIX, before);
  }
}
