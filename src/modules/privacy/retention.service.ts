import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import type { RetentionSettings } from '../../core/config/retention-settings.js';
import { Database } from '../../core/database/database.js';
import { Clock } from '../../core/kernel/clock.js';
import { NIL_ID } from '../../core/kernel/id.js';
import { toErasureChange } from './erasure-change.js';
import { ErasureRepository } from './erasure.repository.js';
import { RETENTION_CLASSES } from './retention-classes.js';
import { RetentionRepository } from './retention.repository.js';

const DAY_MILLISECONDS = 86_400_000;
const BATCH_ROWS = 500;

export interface RetentionResult {
  name: string;
  /** Null: everything is kept. */
  days: number | null;
  /** What was deleted or, in a dry run, would be. */
  count: number;
}

/** Deletes or pseudonymises what is older than the configured periods. Without a period, a class of data is kept. */
@Injectable()
export class RetentionService {
  constructor(
    private readonly db: Database,
    private readonly retention: RetentionRepository,
    private readonly erasures: ErasureRepository,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  async run(settings: RetentionSettings, { isDryRun = false } = {}): Promise<RetentionResult[]> {
    const results: RetentionResult[] = [];
    for (const kind of RETENTION_CLASSES) {
      const days = settings[kind.setting] ?? null;
      const before = days === null ? null : this.daysAgo(days);
      const work = (until: Date): Promise<number> =>
        isDryRun ? this.retention.count(kind, until) : inBatches(() => this.retention.apply(kind, until, BATCH_ROWS));
      results.push({ name: kind.name, days, count: before ? await work(before) : 0 });
    }
    results.push(await this.eraseInactive(settings.RETENTION_INACTIVE_PATIENT_DAYS ?? null, isDryRun));
    if (!isDryRun && results.some(({ count }) => count > 0)) await this.record(results);
    return results;
  }

  /** A task of the application deletes their files (ErasureTask). */
  private async eraseInactive(days: number | null, isDryRun: boolean): Promise<RetentionResult> {
    const name = 'inactive-patients';
    if (days === null) return { name, days, count: 0 };
    const before = this.daysAgo(days);
    if (isDryRun) return { name, days, count: await this.retention.countInactive(before) };
    let count = 0;
    for (;;) {
      const ids = await this.retention.findInactive(before, BATCH_ROWS);
      let erased = 0;
      for (const id of ids) if (await this.erase(id, before)) erased += 1;
      count += erased;
      if (ids.length < BATCH_ROWS || erased === 0) return { name, days, count };
    }
  }

  /**
   * Not `ErasureService.erase`: the command runs without the application. An inactive patient has no open session and no upcoming visit,
   * and `ErasureTask` repeats the erasure with both within a minute.
   */
  private erase(userId: string, before: Date): Promise<boolean> {
    return this.db.transaction(async () => {
      const person = await this.erasures.lock(userId);
      if (!person || !(await this.retention.isInactive(userId, before))) return false;
      await this.erasures.insert(userId, null, new Date(this.clock.now()));
      await this.erasures.wipe(userId);
      await this.changes.record(toErasureChange(person));
      return true;
    });
  }

  private async record(results: readonly RetentionResult[]): Promise<void> {
    const counts = Object.fromEntries(results.filter(({ count }) => count > 0).map(({ name, count }) => [name, count]));
    await this.changes.recordAccess({
      action: 'retention.applied',
      objectType: 'retention',
      objectId: NIL_ID,
      changes: counts,
    });
  }

  private daysAgo(days: number): Date {
    return new Date(this.clock.now() - days * DAY_MILLISECONDS);
  }
}

async function inBatches(apply: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await apply();
    total += count;
    if (count < BATCH_ROWS) return total;
  }
}
