import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../core/kernel/actor.js';
import { Clock } from '../../../core/kernel/clock.js';
import { invalid, notFound } from '../../../core/kernel/domain-error.js';
import { Zone } from '../../../core/kernel/zone.js';
import { MAX_BULK, type BulkChangeRequest } from './bulk.dto.js';
import { BulkRepository, type BulkVisit } from './bulk.repository.js';

/** The appointments of a request, and the ids of those that do not exist or that the actor may not see. */
export interface FoundVisits {
  visits: BulkVisit[];
  missingIds: string[];
}

/** Finds the appointments that a bulk change is about. */
@Injectable()
export class BulkVisitFinder {
  constructor(
    private readonly bulks: BulkRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * @param doneIds those that an earlier attempt of the same request has changed: they may no longer match the request
   * @param request not of a group session
   * @throws DomainError VALIDATION_ERROR for too many, NOT_FOUND for a doctor
   */
  async find(actor: Actor, request: BulkChangeRequest, doneIds: readonly string[]): Promise<FoundVisits> {
    const { appointmentIds, doctorId, date } = request;
    if (appointmentIds) return this.findByIds(actor, appointmentIds);
    const done = doneIds.length > 0 ? await this.bulks.findVisits(actor, doneIds) : [];
    const open = await this.findOnDay(actor, doctorId as string, date as string);
    const visits = [...done, ...open.filter(({ id }) => !doneIds.includes(id))];
    if (visits.length > MAX_BULK) throw invalid({ field: 'date', error: `has more than ${MAX_BULK} appointments` });
    return { visits, missingIds: [] };
  }

  private async findByIds(actor: Actor, appointmentIds: readonly string[]): Promise<FoundVisits> {
    const ids = [...new Set(appointmentIds.map((id) => id.toLowerCase()))];
    const byId = new Map((await this.bulks.findVisits(actor, ids)).map((visit) => [visit.id, visit]));
    return { visits: ids.flatMap((id) => byId.get(id) ?? []), missingIds: ids.filter((id) => !byId.has(id)) };
  }

  private async findOnDay(actor: Actor, doctorId: string, date: string): Promise<BulkVisit[]> {
    const timeZone = await this.bulks.findDoctorZone(actor, doctorId);
    if (timeZone === null) throw notFound();
    const zone = Zone.of(timeZone);
    const day = { start: zone.startOfDay(date), end: zone.startOfDay(zone.addDays(date, 1)) };
    return this.bulks.findDoctorVisits(doctorId, day, this.clock.now());
  }
}
