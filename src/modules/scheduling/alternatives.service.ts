import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { SingleFlight } from '../../core/concurrency/single-flight.js';
import { nearestSlots } from './availability.js';
import type { Slot } from './booking-rules.js';
import { BookingRulesService } from './booking-rules.service.js';
import { DAY } from './calendar.js';
import type { Range } from './slot-query.js';

/** A slot that could not be booked. Instants in epoch milliseconds. */
export interface AlternativesQuery {
  serviceId: string;
  /** Null for any doctor. */
  doctorId: string | null;
  start: number;
  /** When the patient has other appointments. */
  clientBusy: Range[];
  /** Rooms or equipment that must also be free. */
  resourceIds: string[];
  /** Notice and horizon are those of the front desk. */
  isForDesk: boolean;
  /** Notice and horizon do not apply. */
  overrideHours: boolean;
}

const MAX_ALTERNATIVES = 3;
/** The ranges of the searches, in order. Usually the first and smallest one finds enough. */
const DAYS_WITH_DOCTOR = [2, 14];
const DAYS_WITH_OTHERS = 14;

/** Finds free slots near a requested slot that is not free. */
@Injectable()
export class AlternativesService {
  private readonly searches = new SingleFlight<readonly Slot[]>();

  constructor(
    private readonly rules: BookingRulesService,
    private readonly clock: Clock,
  ) {}

  /**
   * Up to three free slots, nearest first: of the requested doctor within days, then weeks, then of other doctors.
   */
  async find(query: AlternativesQuery): Promise<Slot[]> {
    let slots: Slot[] = [];
    for (const days of DAYS_WITH_DOCTOR) {
      slots = await this.findNearest(query, query.doctorId, days);
      if (slots.length >= MAX_ALTERNATIVES) return slots;
    }
    if (query.doctorId === null) return slots;
    const ofAnyDoctor = await this.findNearest(query, null, DAYS_WITH_OTHERS);
    const ofOthers = ofAnyDoctor.filter(({ doctorId }) => doctorId !== query.doctorId);
    return [...slots, ...ofOthers].slice(0, MAX_ALTERNATIVES);
  }

  /** @param doctorId null for all doctors of the service */
  private async findNearest(query: AlternativesQuery, doctorId: string | null, maxDays: number): Promise<Slot[]> {
    const { start, clientBusy } = query;
    // Requests that lose the same race search the same days: they share one search and filter out their patient's busy times.
    const now = this.clock.now();
    const days = toWholeDays(Math.max(start - maxDays * DAY, now), Math.max(start, now) + maxDays * DAY);
    const key = [
      query.serviceId,
      doctorId,
      days.start,
      days.end,
      query.isForDesk,
      query.overrideHours,
      ...query.resourceIds,
    ].join(' ');
    const slots = await this.searches.share(key, () => this.findFreeSlots(query, doctorId, days));
    const suitable = slots.filter(
      (slot) => slot.start !== start && !clientBusy.some((busy) => busy.start < slot.end && slot.start < busy.end),
    );
    return nearestSlots(suitable, start, MAX_ALTERNATIVES);
  }

  private async findFreeSlots(
    query: AlternativesQuery,
    doctorId: string | null,
    days: Range,
  ): Promise<readonly Slot[]> {
    const now = this.clock.now();
    const window = { start: Math.max(now, days.start), end: days.end };
    const schedule = await this.rules.findSchedule(query.serviceId, doctorId, () => window);
    if (!schedule) return [];
    const bookerRules = query.isForDesk ? schedule.rules.forDesk : schedule.rules;
    const rules = query.overrideHours ? bookerRules.withOverride() : bookerRules;
    return rules.freeSlots({ window, busy: schedule.busy, now, doctorId, resourceIds: query.resourceIds });
  }
}

/** Whole days in UTC, so that similar requests share one search. */
const toWholeDays = (from: number, to: number): Range => ({
  start: Math.floor(from / DAY) * DAY,
  end: Math.ceil(to / DAY) * DAY,
});
