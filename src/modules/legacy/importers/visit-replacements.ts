import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import { DomainError } from '../../../core/kernel/domain-error.js';
import { AppointmentStatusService } from '../../appointments/index.js';
import type { LegacyVisit } from '../legacy-data.js';
import { LegacyRecordsRepository, type MigratedVisit } from '../legacy-records.repository.js';
import { LegacyRemovalsRepository } from '../legacy-removals.repository.js';
import type { MigrationRun } from '../migration-run.js';

/** The key of a visit that was cancelled here because it was moved in the other system, so that a rollback removes it too. */
const movedKey = (key: string, id: string): string => `moved:${key}:${id}`;

/** Makes place for what a visit has become in the other system. Nobody gets a message. */
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
   * @returns whether the visit is to be recorded anew; otherwise the cancelled one stands for it
   * @throws DomainError IN_USE for a visit of the past to which other records refer
   */
  async release(item: LegacyVisit, id: string, run: MigrationRun): Promise<boolean> {
    const visit = await this.records.findVisit(id);
    if (!visit) return true;
    const isUpcoming = ['PENDING', 'CONFIRMED'].includes(visit.status) && visit.start.getTime() > run.now;
    const isCancelled = item.status === 'CANCELLED';
    if (isUpcoming && isCancelled) {
      await this.statuses.cancelTogether(run.actor, id, { reason: null });
      return false;
    }
    const isMoved = isUpcoming && (await this.hasMoved(item, visit, run));
    const refusal = isMoved ? null : await this.remove(id);
    if (!isMoved && refusal === null) return true;
    if (isUpcoming) await this.statuses.cancelTogether(run.actor, id, { reason: null });
    else if (refusal && visit.status !== 'CANCELLED') throw refusal;
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

  private async remember({ key }: LegacyVisit, id: string, { sourceName: source }: MigrationRun): Promise<void> {
    const targetVersion = (await this.records.getVersions('visit', [id])).get(id) ?? 1;
    const record = { source, kind: 'visit', legacyKey: movedKey(key, id), targetId: id } as const;
    await this.records.insert({ ...record, targetVersion, checksum: Buffer.alloc(0) });
  }
}
