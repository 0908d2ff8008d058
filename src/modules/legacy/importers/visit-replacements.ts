import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import { DomainError } from '../../../core/kernel/domain-error.js';
import { AppointmentStatusService } from '../../appointments/index.js';
import type { LegacyVisit } from '../legacy-data.js';
import { LegacyRecordsRepository, NO_CHECKSUM, type MigratedVisit } from '../legacy-records.repository.js';
import { LegacyRemovalsRepository } from '../legacy-removals.repository.js';
import type { MigrationRun } from '../migration-run.js';

/** The key of a visit that was cancelled here because it was moved in the other system, so that a rollback removes it too. */
const movedKey = (key: string, id: string): string => `moved:${key}:${id}`;

/** Removes or cancels visits that changed in the other system, before they are recorded anew. Nobody gets a message. */
@Injectable()
export class VisitReplacements {
  constructor(
    private readonly db: Database,
    private readonly records: LegacyRecordsRepository,
    private readonly removals: LegacyRemovalsRepository,
    private readonly statuses: AppointmentStatusService,
  ) {}

  /**
   * Cancels an upcoming visit that was cancelled or moved: the patient may have a reminder of it, and dashboards show it. Other visits
   * are removed, since their times stay.
   * @returns whether the visit must be recorded anew; false if it was cancelled in both systems
   * @throws DomainError IN_USE for a visit of the past to which other records refer
   */
  async prepare(item: LegacyVisit, id: string, run: MigrationRun): Promise<boolean> {
    const visit = await this.records.findVisit(id);
    if (!visit) return true;
    if (['PENDING', 'CONFIRMED'].includes(visit.status) && visit.start.getTime() > run.now) {
      const isCancelled = item.status === 'CANCELLED';
      if (!isCancelled && !(await this.hasMoved(item, visit, run)) && (await this.remove(id)) === null) return true;
      await this.statuses.cancelTogether(run.actor, id, { reason: null });
      if (isCancelled) return false;
    } else {
      const refusal = await this.remove(id);
      if (refusal === null) return true;
      if (visit.status !== 'CANCELLED') throw refusal;
    }
    await this.remember(item, id, run);
    return true;
  }

  private async hasMoved(item: LegacyVisit, visit: MigratedVisit, run: MigrationRun): Promise<boolean> {
    const doctorId = await run.resolve('doctor', item.doctorKey, 'doctorId');
    return item.start.getTime() !== visit.start.getTime() || doctorId !== visit.doctorId;
  }

  /** @returns the error if another record refers to the visit */
  private async remove(id: string): Promise<DomainError | null> {
    const result = await this.db.attempt(() => this.removals.remove('visit', id));
    if ('value' in result) return null;
    if (result.error instanceof DomainError && result.error.code === 'IN_USE') return result.error;
    throw result.error;
  }

  /** Records the cancelled visit under a key of its own. */
  private async remember({ key }: LegacyVisit, id: string, { sourceName: source }: MigrationRun): Promise<void> {
    const targetVersion = (await this.records.getVersions('visit', [id])).get(id) ?? 1;
    const record = { source, kind: 'visit', legacyKey: movedKey(key, id), targetId: id } as const;
    await this.records.insert({ ...record, targetVersion, checksum: NO_CHECKSUM });
  }
}
