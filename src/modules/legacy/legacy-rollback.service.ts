import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { newContext, runInContext } from '../../core/context/request-context.js';
import { Database } from '../../core/database/database.js';
import { DomainError, invalid, isUnavailable } from '../../core/kernel/domain-error.js';
import { NIL_ID } from '../../core/kernel/id.js';
import { MobileIds } from '../neuroaid/index.js';
import { LEGACY_KINDS, type LegacyKind } from './legacy-record.entity.js';
import { LegacyRecordsRepository, NOT_CREATED, type MigratedRow } from './legacy-records.repository.js';
import { LegacyRemovalsRepository } from './legacy-removals.repository.js';
import { MOBILE_KINDS } from './mobile-kinds.js';
import type { Actor } from '../../core/kernel/actor.js';

const PAGE_ROWS = 100;

/** A row that a rollback leaves. */
interface KeptRow {
  kind: LegacyKind;
  key: string;
  targetId: string;
  reason: string;
}

export interface RollbackReport {
  source: string;
  removed: Partial<Record<LegacyKind, number>>;
  kept: KeptRow[];
}

/** Removes what a migration created and nobody has used since. Audit rows stay. */
@Injectable()
export class LegacyRollbackService {
  constructor(
    private readonly db: Database,
    private readonly records: LegacyRecordsRepository,
    private readonly removals: LegacyRemovalsRepository,
    private readonly ids: MobileIds,
    private readonly changes: ChangeLog,
  ) {}

  /** Removes the newest kind first, since later kinds refer to earlier ones. */
  run(actor: Actor, source: string): Promise<RollbackReport> {
    return runInContext(newContext({ actor, useCase: 'legacy-rollback' }), async () => {
      const report: RollbackReport = { source, removed: {}, kept: [] };
      await this.assertKnown(source);
      for (const kind of LEGACY_KINDS.toReversed()) await this.removeKind(kind, report);
      await this.forgetClinic(report);
      const changes = { source, removed: report.removed, kept: report.kept.length };
      await this.changes.recordAccess({
        action: 'legacy.rolled-back',
        objectType: 'clinic',
        objectId: NIL_ID,
        changes,
      });
      return report;
    });
  }

  /** A misspelled name would look like a rollback that found nothing. @throws DomainError VALIDATION_ERROR */
  private async assertKnown(source: string): Promise<void> {
    for (const kind of LEGACY_KINDS) if ((await this.records.listAfter(source, kind, null, 1)).length > 0) return;
    throw invalid({ field: '--source', error: 'names a source from which nothing was migrated' });
  }

  /** If nothing else is left, a next migration may choose another clinic than the one that was here before. */
  private async forgetClinic({ source, kept }: RollbackReport): Promise<void> {
    const [only, ...others] = kept;
    if (only?.kind === 'clinic' && others.length === 0 && only.key === only.targetId) {
      await this.records.remove(source, 'clinic', only.key);
    }
  }

  private async removeKind(kind: LegacyKind, report: RollbackReport): Promise<void> {
    let last: string | null = null;
    for (;;) {
      const page: MigratedRow[] = await this.records.listAfter(report.source, kind, last, PAGE_ROWS);
      const kept = await this.db.transaction(() => this.removePage(kind, page, report.source));
      report.kept.push(...kept);
      const removed = page.length - kept.length;
      if (removed > 0) report.removed[kind] = (report.removed[kind] ?? 0) + removed;
      if (page.length < PAGE_ROWS) return;
      last = page.at(-1)?.legacyKey ?? null;
    }
  }

  private async removePage(kind: LegacyKind, page: readonly MigratedRow[], source: string): Promise<KeptRow[]> {
    await this.records.lock(source);
    const ids = page.map(({ targetId }) => targetId);
    const versions = await this.records.getVersions(kind, ids);
    const kept: KeptRow[] = [];
    for (const row of page) {
      const reason = await this.removeRow(kind, row, versions.get(row.targetId), source);
      if (reason !== null) kept.push({ kind, key: row.legacyKey, targetId: row.targetId, reason });
    }
    return kept;
  }

  /** @returns why the row stays; null if it was removed */
  private async removeRow(
    kind: LegacyKind,
    { legacyKey, targetId, targetVersion }: MigratedRow,
    version: number | undefined,
    source: string,
  ): Promise<string | null> {
    if (targetVersion === NOT_CREATED) return 'was here before the migration';
    if (version === undefined) return 'was deleted here, and is not migrated again';
    if (version !== targetVersion) return 'was changed here';
    const result = await this.db.attempt(async () => {
      await this.removals.remove(kind, targetId);
      const mobileKind = MOBILE_KINDS[kind];
      if (mobileKind) await this.ids.forgetNumber(mobileKind, targetId);
      await this.records.remove(source, kind, legacyKey);
    });
    if ('value' in result) return null;
    if (!(result.error instanceof DomainError) || isUnavailable(result.error)) throw result.error;
    const uses = await this.removals.findUses(kind, targetId);
    return `is used here by ${uses.join(', ')}`;
  }
}
