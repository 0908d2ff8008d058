import { Injectable } from '@nestjs/common';
import { Clock } from '../../../core/kernel/clock.js';
import {
  BookingRulesService,
  listFreeDoctors,
  OutdatedRulesError,
  overlaps,
  type BusyTimes,
  type Range,
} from '../../scheduling/index.js';
import type { ReservedKind } from '../reservation.entity.js';
import { whyNotBookable, type RequestedSlot } from '../requested-slot.js';
import { ReservationsRepository } from '../reservations.repository.js';

/** Why an occurrence cannot be booked: `APPOINTMENT_CONFLICT`, or the reason of SLOT_NOT_OFFERED. */
export interface OccurrenceProblem {
  slot: RequestedSlot;
  reason: string;
  conflictingWith?: ReservedKind;
}

/** An occurrence that was free when it was planned. */
export interface PlannedOccurrence {
  slot: RequestedSlot;
  /** The rooms and equipment; those of a group session are the session's. */
  resourceIds: string[];
}

export interface SeriesPlan {
  occurrences: PlannedOccurrence[];
  problems: OccurrenceProblem[];
}

type Checked = { problem: OccurrenceProblem } | { occurrence: PlannedOccurrence; rank: number };

/** What one occurrence is checked against. */
interface OccurrenceContext {
  busy: BusyTimes;
  /** The doctors who are free, the least busy one first. */
  freeDoctorIds: string[];
  clientBusy: Range[];
  now: number;
}

/** Plans a series from what is free now, without reserving it. */
@Injectable()
export class SeriesPlanner {
  constructor(
    private readonly clock: Clock,
    private readonly rules: BookingRulesService,
    private readonly reservations: ReservationsRepository,
  ) {}

  /**
   * Plans the starts with one doctor for the whole series: of several, the one with whom most of them are possible; if there are
   * several such doctors, the least busy one.
   * @param slots the slot of each doctor who may be chosen; their starts do not matter
   * @throws OutdatedRulesError
   */
  async plan(slots: readonly RequestedSlot[], starts: readonly number[], clientId: string): Promise<SeriesPlan> {
    const clientBusy = await this.findClientBusy(slots, starts, clientId);
    const checked = new Map<RequestedSlot, Checked[]>(slots.map((slot) => [slot, []]));
    for (const start of starts) {
      const busy = await this.readBusyTimes(slots, start);
      const [{ rules, resourceIds }] = slots as [RequestedSlot];
      const freeDoctorIds = listFreeDoctors(rules, { start, busy, resourceIds });
      const context = { busy, freeDoctorIds, clientBusy, now: this.clock.now() };
      for (const [slot, results] of checked) results.push(check({ ...slot, start }, context));
    }
    return toPlan([...checked.values()].reduce((best, other) => (isBetter(other, best) ? other : best)));
  }

  private findClientBusy(
    [slot]: readonly RequestedSlot[],
    starts: readonly number[],
    clientId: string,
  ): Promise<Range[]> {
    const [first, last] = [starts[0], starts.at(-1)];
    if (!slot || first === undefined || last === undefined) return Promise.resolve([]);
    return this.reservations.findBusyTimes(clientId, { start: first, end: slot.rules.visit(last).end });
  }

  private async readBusyTimes(slots: readonly RequestedSlot[], start: number): Promise<BusyTimes> {
    const [{ rules, serviceId, doctorId }] = slots as [RequestedSlot];
    const onlyDoctor = slots.length === 1 ? doctorId : null;
    const schedule = await this.rules.findSchedule(serviceId, onlyDoctor, () => rules.localDay(start));
    if (schedule?.rules.row.revision !== rules.row.revision) throw new OutdatedRulesError();
    return schedule.busy;
  }
}

function check(slot: RequestedSlot, { busy, freeDoctorIds, clientBusy, now }: OccurrenceContext): Checked {
  const reason = whyNotBookable(slot, now);
  if (reason) return { problem: { slot, reason } };
  const rank = freeDoctorIds.indexOf(slot.doctorId);
  if (rank < 0) return conflict(slot, 'DOCTOR');
  const visit = slot.rules.visit(slot.start);
  if (clientBusy.some((busyRange) => overlaps(busyRange, visit))) return conflict(slot, 'CLIENT');
  const resourceIds = pickResources(slot, busy);
  return resourceIds ? { occurrence: { slot, resourceIds }, rank } : conflict(slot, 'RESOURCE');
}

const conflict = (slot: RequestedSlot, conflictingWith: ReservedKind): Checked => ({
  problem: { slot, reason: 'APPOINTMENT_CONFLICT', conflictingWith },
});

function pickResources({ rules, doctorId, start, resourceIds, overrideHours }: RequestedSlot, busy: BusyTimes) {
  const session = busy.groupSessions.find((one) => one.doctorId === doctorId && one.start === start);
  if (session) return session.resourceIds;
  const picked = rules.pickResources(start, resourceIds, busy);
  return picked ?? (overrideHours ? rules.pickResources(start, resourceIds, busy, 'ANY') : null);
}

const countProblems = (results: Checked[]): number => results.filter((one) => 'problem' in one).length;

const sumRanks = (results: Checked[]): number => results.reduce((sum, one) => sum + ('rank' in one ? one.rank : 0), 0);

const isBetter = (one: Checked[], other: Checked[]): boolean =>
  (countProblems(one) - countProblems(other) || sumRanks(one) - sumRanks(other)) < 0;

const toPlan = (results: Checked[]): SeriesPlan => ({
  occurrences: results.flatMap((one) => ('occurrence' in one ? one.occurrence : [])),
  problems: results.flatMap((one) => ('problem' in one ? one.problem : [])),
});
