import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { SingleFlight } from '../../core/concurrency/single-flight.js';
import { nearestSlots } from './availability.js';
import type { BookingRules, Slot } from './booking-rules.js';
import { BookingRulesService } from './booking-rules.service.js';
import { DAY } from './calendar.js';
import { PatientLimitsService, type LimitedPatient } from './patient-limits.service.js';
import { overlaps, type Range } from './ranges.js';

interface FreeSlots {
  slots: readonly Slot[];
  /** Null for a service that is not bookable. */
  rules: BookingRules | null;
}

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
  /** The patient whose limits apply; absent for the front desk. */
  limited?: LimitedPatient;
  /** Notice and horizon are those of the front desk. */
  isForDesk: boolean;
  /** Notice and horizon do not apply. */
  overrideHours: boolean;
}

const MAX_ALTERNATIVES = 3;
/** How many days before and after the requested start each search covers. Usually the first one finds enough. */
const DAYS_WITH_DOCTOR = [2, 14];
const DAYS_WITH_OTHERS = 14;

/** Finds free slots near a requested slot that is not free. */
@Injectable()
export class AlternativesService {
  private readonly searches = new SingleFlight<FreeSlots>();

  constructor(
    private readonly rules: BookingRulesService,
    private readonly clock: Clock,
    private readonly limits: PatientLimitsService,
  ) {}

  /**
   * Up to three free slots, nearest first: those of the requested doctor, then those of other doctors.
   */
  async find(query: AlternativesQuery): Promise<Slot[]> {
    let slots: Slot[] = [];
    for (const days of DAYS_WITH_DOCTOR) {
      slots = await this.findNearest(query, query.doctorId, days);
      if (slots.length >= MAX_ALTERNATIVES) return slots;
    }
    if (query.doctorId === null) return slots;
    const nearest = await this.findNearest(query, null, DAYS_WITH_OTHERS);
    const others = nearest.filter(({ doctorId }) => doctorId !== query.doctorId);
    return [...slots, ...others].slice(0, MAX_ALTERNATIVES);
  }

  /** @param doctorId null for all doctors of the service */
  private async findNearest(query: AlternativesQuery, doctorId: string | null, maxDays: number): Promise<Slot[]> {
    const { start, clientBusy } = query;
    // Requests that lose the same race search the same days: they share one search and filter out what their patient cannot book.
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
    const { slots, rules } = await this.searches.share(key, () => this.findFreeSlots(query, doctorId, days));
    const accepts =
      rules && query.limited ? await this.limits.getStartCheck(rules, query.limited) : (): boolean => true;
    const suitable = slots.filter(
      (slot) => slot.start !== start && accepts(slot.start) && !clientBusy.some((busy) => overlaps(busy, slot)),
    );
    return nearestSlots(suitable, start, MAX_ALTERNATIVES);
  }

  private async findFreeSlots(query: AlternativesQuery, doctorId: string | null, days: Range): Promise<FreeSlots> {
    const now = this.clock.now();
    const window = { start: Math.max(now, days.start), end: days.end };
    const schedule = await this.rules.findSchedule(query.serviceId, doctorId, () => window);
    if (!schedule) return { slots: [], rules: null };
    const bookerRules = query.isForDesk ? schedule.rules.forDesk : schedule.rules;
    const rules = query.overrideHours ? bookerRules.withOverride() : bookerRules;
    const slots = rules.freeSlots({ window, busy: schedule.busy, now, doctorId, resourceIds: query.resourceIds });
    return { slots, rules };
  }
}

/** Whole days in UTC, so that similar requests share one search. */
const toWholeDays = (from: number, to: number): Range => ({
  start: Math.floor(from / DAY) * DAY,
  end: Math.ceil(to / DAY) * DAY,
});
