import type { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../../core/logging/logger.js';
import { BlobMissing, BlobStore, type BlobInfo, type ByteRange } from '../../core/storage/blob-store.js';
import { RENDITIONS, ScansRepository, type RenditionName, type Renditions } from './scans.repository.js';
import type { LocalFile, LocalFiles } from './upload/uploaded-file.js';

const PREFIX = 'scans';
/** Each uses a connection of the database. */
const PURGES_AT_ONCE = 4;

const blobKey = (scanId: string, name: RenditionName): string => `${PREFIX}/${scanId}/${name}`;

/** The files of one scan in the blob store. */
interface StoredFiles {
  id: string;
  files: BlobInfo[];
}

/** The files of scans in the blob store, under `scans/<id>/<rendition>`. */
@Injectable()
export class ScanStorage {
  constructor(
    private readonly blobs: BlobStore,
    private readonly scans: ScansRepository,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Stores the files of a new scan concurrently, because the disk syncs several files in the time of one. If one fails, the others
   * are deleted.
   */
  async store(id: string, files: LocalFiles): Promise<Renditions> {
    const entries = Object.entries(files) as [RenditionName, LocalFile][];
    const stored = await Promise.allSettled(
      entries.map(([name, { path, measured }]) => this.blobs.putFile(blobKey(id, name), path, measured)),
    );
    const failed = stored.find((result) => result.status === 'rejected');
    if (failed) {
      await this.discard(id, files);
      throw failed.reason;
    }
    return Object.fromEntries(
      stored.flatMap((result, n) => (result.status === 'fulfilled' ? [[entries[n]?.[0], result.value]] : [])),
    ) as Renditions;
  }

  /** Deletes the files of a refused upload. The sweep deletes files that could not be deleted. */
  async discard(id: string, files: LocalFiles | Renditions): Promise<void> {
    for (const name of Object.keys(files) as RenditionName[]) {
      await this.blobs.delete(blobKey(id, name)).catch((error: unknown) => {
        this.logger.warn({ err: error, scanId: id }, 'files of a refused upload stay until the sweep');
      });
    }
  }

  /** @throws BlobMissing */
  async read(id: string, name: RenditionName, range?: ByteRange): Promise<Readable> {
    try {
      return await this.blobs.get(blobKey(id, name), range);
    } catch (error) {
      if (error instanceof BlobMissing) this.logger.error({ scanId: id, file: name }, 'a file of a scan is missing');
      throw error;
    }
  }

  /**
   * Deletes the files of a deleted scan. If that fails, the next sweep tries again.
   * @returns whether all were deleted
   */
  async tryPurge(id: string): Promise<boolean> {
    try {
      for (const name of RENDITIONS) await this.blobs.delete(blobKey(id, name));
      await this.scans.markPurged(id);
      return true;
    } catch (error) {
      this.logger.warn({ err: error, scanId: id }, 'files of a deleted scan stay until the sweep');
      return false;
    }
  }

  /** Deletes the files of deleted scans, several at a time. If the storage does not work, leaves the rest to the sweep. */
  async tryPurgeAll(ids: readonly string[]): Promise<void> {
    for (let at = 0; at < ids.length; at += PURGES_AT_ONCE) {
      const purged = await Promise.all(ids.slice(at, at + PURGES_AT_ONCE).map((id) => this.tryPurge(id)));
      if (!purged.includes(true)) return;
    }
  }

  /** The files of all scans, grouped by scan and ascending by id; also those of scans without a row. */
  async *list(): AsyncGenerator<StoredFiles> {
    let current: StoredFiles | undefined;
    for await (const file of this.blobs.list(PREFIX)) {
      const id = file.key.split('/')[1] ?? '';
      if (current?.id !== id) {
        if (current) yield current;
        current = { id, files: [] };
      }
      current.files.push(file);
    }
    if (current) yield current;
  }

  /**
   * Deletes files. If that fails, the next sweep tries again.
   * @returns the number of deleted files
   */
  async tryDelete(files: readonly BlobInfo[]): Promise<number> {
    let deleted = 0;
    for (const { key } of files) {
      try {
        await this.blobs.delete(key);
        deleted += 1;
      } catch (error) {
        this.logger.warn({ err: error, key }, 'a file without a scan stays until the next sweep');
      }
    }
    return deleted;
  }

  /**
   * Deletes unfinished files of killed processes that are older than an instant (epoch milliseconds).
   * @returns the number of deleted files
   */
  sweepUnfinished(before: number): Promise<number> {
    return this.blobs.sweepUnfinished(PREFIX, before);
  }
}
