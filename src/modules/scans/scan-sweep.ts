import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import { Database } from '../../core/database/database.js';
import { scanFilesSwept } from '../../core/health/metrics.js';
import { Clock } from '../../core/kernel/clock.js';
import { isId } from '../../core/kernel/id.js';
import { LOGGER } from '../../core/logging/logger.js';
import { BlobStore, type BlobInfo } from '../../core/storage/blob-store.js';
import { Spool } from '../../core/storage/spool.js';
import { ScanPurge } from './scan-purge.js';
import type { RenditionName } from './scans.repository.js';

const HOUR = 3_600_000;
const PAGE = 500;
/** A process that never lives for an hour sweeps all the same; not all of them in the same second. */
const FIRST_AFTER = 5 * 60_000;

export interface Swept {
  /** Deleted scans whose bytes were still there. */
  purged: number;
  /** Bytes without a row, and leftovers of uploads: deleted. */
  orphans: number;
  leftovers: number;
  /** Rows whose bytes are not all there: told, for there is nothing to be done about it from here. */
  incomplete: string[];
}

interface Expected {
  id: string;
  names: RenditionName[];
}

/**
 * Holds rows and bytes against each other, every hour. Only what is older than an hour is looked at, so that no upload
 * under way is in question. Every process may do it; twice does no harm.
 */
@Injectable()
export class ScanSweep implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly db: Database,
    private readonly blobs: BlobStore,
    private readonly spool: Spool,
    private readonly purge: ScanPurge,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.sweepIn(FIRST_AFTER * (1 + Math.random()));
  }

  onModuleDestroy(): void {
    clearTimeout(this.timer);
  }

  private sweepIn(milliseconds: number): void {
    this.timer = setTimeout(() => {
      void this.sweepQuietly().then(() => this.sweepIn(HOUR));
    }, milliseconds).unref();
  }

  async sweep(): Promise<Swept> {
    const before = this.clock.now() - HOUR;
    const purged = await this.purgeDeleted();
    const leftovers = (await this.spool.sweep(before)) + (await this.blobs.sweepUnfinished('scans', before));
    const { orphans, missing } = await this.compare(before);
    const incomplete = await this.stillThere(missing);
    for (const scanId of incomplete) this.logger.error({ scanId }, 'the bytes of a scan are gone');
    scanFilesSwept.inc({ outcome: 'orphan' }, orphans);
    scanFilesSwept.inc({ outcome: 'leftover' }, leftovers);
    scanFilesSwept.inc({ outcome: 'missing' }, incomplete.length);
    return { purged, orphans, leftovers, incomplete };
  }

  private async sweepQuietly(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      this.logger.error({ err: error }, 'files of scans were not swept');
    }
  }

  private async purgeDeleted(): Promise<number> {
    const due = await this.purge.due();
    for (const id of due) await this.purge.purge(id);
    return due.length;
  }

  /** Both sides ascend by id, so they are merged as they come: neither list is ever whole in memory. */
  private async compare(before: number): Promise<{ orphans: number; missing: string[] }> {
    const missing: string[] = [];
    let orphans = 0;
    const rows = this.rows(before);
    let row = await next(rows);
    for await (const { id, files } of this.stored()) {
      while (row && row.id < id) {
        missing.push(row.id);
        row = await next(rows);
      }
      if (row?.id === id) {
        const names = new Set(files.map(({ key }) => key.split('/')[2]));
        if (!row.names.every((name) => names.has(name))) missing.push(id);
        row = await next(rows);
      } else orphans += await this.deleteOrphans(id, files, before);
    }
    for (; row; row = await next(rows)) missing.push(row.id);
    return { orphans, missing };
  }

  /** Those that were deleted in the meantime lack their bytes by right. */
  private async stillThere(ids: string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    const rows = await this.db.rows<{ id: string }>(
      `SELECT id FROM scan WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL ORDER BY id`,
      [ids],
    );
    return rows.map(({ id }) => id);
  }

  /** The row is asked for once more: it may be younger than the list of rows. */
  private async deleteOrphans(id: string, files: BlobInfo[], before: number): Promise<number> {
    const old = files.filter(({ modifiedAt }) => modifiedAt < before);
    if (old.length === 0) return 0;
    const known =
      isId(id) && (await this.db.row(`SELECT 1 AS one FROM scan WHERE id = $1 AND purged_at IS NULL`, [id]));
    if (known) return 0;
    for (const { key } of old) await this.blobs.delete(key);
    return old.length;
  }

  private async *rows(before: number): AsyncGenerator<Expected, void> {
    let last: string | undefined;
    for (;;) {
      const page: Expected[] = await this.db.rows<Expected>(
        `SELECT id, ARRAY(SELECT jsonb_object_keys(renditions)) AS names FROM scan
         WHERE deleted_at IS NULL AND created_at < $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT ${PAGE}`,
        [new Date(before).toISOString(), last ?? null],
      );
      yield* page;
      last = page.at(-1)?.id;
      if (page.length < PAGE) return;
    }
  }

  private async *stored(): AsyncGenerator<{ id: string; files: BlobInfo[] }> {
    let current: { id: string; files: BlobInfo[] } | undefined;
    for await (const file of this.blobs.list('scans')) {
      const id = file.key.split('/')[1] ?? '';
      if (current?.id !== id) {
        if (current) yield current;
        current = { id, files: [] };
      }
      current.files.push(file);
    }
    if (current) yield current;
  }
}

async function next(rows: AsyncGenerator<Expected, void>): Promise<Expected | undefined> {
  const result = await rows.next();
  return result.done ? undefined : result.value;
}
