import { Inject, Injectable } from '@nestjs/common';
import { Interval, Timeout } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { Counter } from 'prom-client';
import { Clock } from '../../core/kernel/clock.js';
import { isId } from '../../core/kernel/id.js';
import { LOGGER } from '../../core/logging/logger.js';
import { registry } from '../../core/metrics/registry.js';
import type { BlobInfo } from '../../core/storage/blob-store.js';
import { Spool } from '../../core/storage/spool.js';
import { ScanStorage } from './scan-storage.js';
import { ScansRepository } from './scans.repository.js';

const scanFilesSwept = new Counter({
  name: 'careslot_scan_files_swept_total',
  help: 'Found by the sweep of scans: files without a row (orphan), files of unfinished uploads (leftover), rows without files (missing)',
  labelNames: ['outcome'] as const,
  registers: [registry],
});

const HOUR_MILLISECONDS = 3_600_000;
/** When a process sweeps for the first time: after 5 to 10 minutes, at random, so that not all processes sweep at once. */
const FIRST_AFTER_MILLISECONDS = 5 * 60_000 * (1 + Math.random());

export interface SweepResult {
  /** Deleted scans whose files were still stored. */
  purged: number;
  /** Deleted files without a row. */
  orphans: number;
  /** Deleted temporary files of unfinished uploads. */
  leftovers: number;
  /** The ids of scans with missing files, which can only be reported. */
  incomplete: string[];
}

/**
 * Compares rows with stored files every hour. Ignores rows and files that are younger than an hour, because their upload may be in
 * progress. A file that cannot be deleted does not stop the sweep. Several processes may sweep at the same time.
 */
@Injectable()
export class ScanSweep {
  constructor(
    private readonly scans: ScansRepository,
    private readonly storage: ScanStorage,
    private readonly spool: Spool,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Timeout('first-scan-sweep', FIRST_AFTER_MILLISECONDS)
  sweepFirst(): Promise<void> {
    return this.sweepAndLogErrors();
  }

  /** Not a job of Bull: each process also sweeps its own disk, and does so without Redis. */
  @Interval('scan-sweep', HOUR_MILLISECONDS)
  sweepHourly(): Promise<void> {
    return this.sweepAndLogErrors();
  }

  async sweep(): Promise<SweepResult> {
    const before = this.clock.now() - HOUR_MILLISECONDS;
    const purged = await this.purgeDeleted();
    const leftovers = (await this.spool.sweep(before)) + (await this.storage.sweepUnfinished(before));
    const { orphans, missing } = await this.compare(before);
    const incomplete = await this.scans.findExisting(missing);
    for (const scanId of incomplete) this.logger.error({ scanId }, 'files of a scan are missing');
    scanFilesSwept.inc({ outcome: 'orphan' }, orphans);
    scanFilesSwept.inc({ outcome: 'leftover' }, leftovers);
    scanFilesSwept.inc({ outcome: 'missing' }, incomplete.length);
    return { purged, orphans, leftovers, incomplete };
  }

  private async sweepAndLogErrors(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      this.logger.error({ err: error }, 'files of scans were not swept');
    }
  }

  private async purgeDeleted(): Promise<number> {
    let purged = 0;
    for await (const ids of this.scans.listUnpurged()) {
      const purgedBefore = purged;
      for (const id of ids) if (await this.storage.tryPurge(id)) purged += 1;
      // The storage does not work: the next sweep tries again.
      if (purged === purgedBefore) break;
    }
    return purged;
  }

  /** Merges rows and files, which are both sorted by id, while reading them: neither list is completely in memory. */
  private async compare(before: number): Promise<{ orphans: number; missing: string[] }> {
    const missing: string[] = [];
    let orphans = 0;
    const rows = this.scans.listWithFiles(before);
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

  /** Reads the row again, because it may have been inserted after the list of rows was read. */
  private async deleteOrphans(id: string, files: BlobInfo[], before: number): Promise<number> {
    const old = files.filter(({ modifiedAt }) => modifiedAt < before);
    if (old.length === 0) return 0;
    if (isId(id) && (await this.scans.mayHaveFiles(id))) return 0;
    return this.storage.tryDelete(old);
  }
}

async function next<T>(rows: AsyncGenerator<T, void>): Promise<T | undefined> {
  const result = await rows.next();
  return result.done ? undefined : result.value;
}
