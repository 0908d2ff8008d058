import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import { scanFilesSwept } from '../../core/health/metrics.js';
import { Clock } from '../../core/kernel/clock.js';
import { isId } from '../../core/kernel/id.js';
import { LOGGER } from '../../core/logging/logger.js';
import type { BlobInfo } from '../../core/storage/blob-store.js';
import { Spool } from '../../core/storage/spool.js';
import { ScanStorage } from './scan-storage.js';
import { ScansRepository } from './scans.repository.js';

const HOUR = 3_600_000;
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

/**
 * Holds rows and bytes against each other, every hour. Only what is older than an hour is looked at, so that no upload
 * under way is in question. Every process may do it; twice does no harm.
 */
@Injectable()
export class ScanSweep implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly scans: ScansRepository,
    private readonly storage: ScanStorage,
    private readonly spool: Spool,
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
    const leftovers = (await this.spool.sweep(before)) + (await this.storage.sweepUnfinished(before));
    const { orphans, missing } = await this.compare(before);
    const incomplete = await this.scans.existing(missing);
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
    const ids = await this.scans.unpurged();
    for (const id of ids) await this.storage.purge(id);
    return ids.length;
  }

  /** Both sides ascend by id, so they are merged as they come: neither list is ever whole in memory. */
  private async compare(before: number): Promise<{ orphans: number; missing: string[] }> {
    const missing: string[] = [];
    let orphans = 0;
    const rows = this.scans.withFiles(before);
    let row = await next(rows);
    for await (const { id, files } of this.storage.list()) {
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

  /** The row is asked for once more: it may be younger than the list of rows. */
  private async deleteOrphans(id: string, files: BlobInfo[], before: number): Promise<number> {
    const old = files.filter(({ modifiedAt }) => modifiedAt < before);
    if (old.length === 0) return 0;
    if (isId(id) && (await this.scans.mayHaveFiles(id))) return 0;
    await this.storage.delete(old);
    return old.length;
  }
}

async function next<T>(rows: AsyncGenerator<T, void>): Promise<T | undefined> {
  const result = await rows.next();
  return result.done ? undefined : result.value;
}
