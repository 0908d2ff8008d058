import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import type { Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { Zone } from '../../core/kernel/zone.js';
import { AffectedVisitsRepository } from './affected-visits.repository.js';
import { rangesOf } from './day-hours.js';
import type { AffectedVisitView } from './schedules.dto.js';
import type { HoursException } from './slot-query.js';

/** Lists the visits in time that is being closed. */
@Injectable()
export class AffectedVisitsService {
  constructor(
    private readonly visits: AffectedVisitsRepository,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  /**
   * Call it in the transaction that closes the time, after the change: it locks the schedule of the clinic, so later bookings are
   * refused, and the list is complete. Audits the read.
   * @param closed `resourceId` is null for everything of the clinic
   */
  async find(
    actor: Actor,
    { clinicId, resourceId }: { clinicId: string; resourceId: string | null },
    exception: Omit<HoursException, 'kind'>,
  ): Promise<{ affected: AffectedVisitView[]; affectedTotal: number }> {
    const closed = rangesOf(Zone.of(await this.visits.getTimeZone(clinicId)), exception);
    const now = this.clock.now();
    const { visits, total } = await (resourceId
      ? this.visits.ofResource(resourceId, closed, now)
      : this.visits.ofClinic(clinicId, closed, now));
    const clientIds = visits.map(({ clientId }) => clientId);
    if (visits.length > 0) {
      const places = clientIds.map((clientId) => ({ clinicId, clientId }));
      await this.changes.recordListRead(actor, 'appointment', clientIds, places);
    }
    return { affected: visits, affectedTotal: total };
  }
}
