import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import type { Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { Zone } from '../../core/kernel/zone.js';
import { AffectedVisitsRepository } from './affected-visits.repository.js';
import { toExceptionRanges } from './day-hours.js';
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
   * @param place the closed resource; `resourceId` is null for the whole clinic
   * @param exception the closed days, or hours of days
   */
  async find(
    actor: Actor,
    place: { clinicId: string; resourceId: string | null },
    exception: Omit<HoursException, 'kind'>,
  ): Promise<{ affected: AffectedVisitView[]; affectedTotal: number }> {
    const { clinicId, resourceId } = place;
    const closed = toExceptionRanges(Zone.of(await this.visits.getTimeZone(clinicId)), exception);
    const now = this.clock.now();
    const { visits, total } = await (resourceId
      ? this.visits.findByResource(resourceId, closed, now)
      : this.visits.findByClinic(clinicId, closed, now));
    if (visits.length > 0) {
      const clientIds = visits.map(({ clientId }) => clientId);
      const patients = clientIds.map((clientId) => ({ clinicId, clientId }));
      await this.changes.recordListRead(actor, 'appointment', clientIds, patients);
    }
    return { affected: visits, affectedTotal: total };
  }
}
