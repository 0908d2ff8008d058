import { Injectable } from '@nestjs/common';
import type { Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import { Zone } from '../../core/kernel/zone.js';
import { AvailabilityService, overlaps, type SlotView } from '../scheduling/index.js';
import { AppointmentsRepository } from './appointments.repository.js';
import { ReferralHooks, type ReferralTerms } from './referral-hooks.js';
import { isPastCutoff } from './cutoff.js';
import { ReservationsRepository } from './reservations.repository.js';

/** The days with free times on one page. */
const DAYS_ON_PAGE = 5;
/** How far ahead a page searches: windows of this many days. Those of any doctor are shorter, because they have more slots. */
const DAYS_PER_WINDOW = { oneDoctor: 31, anyDoctor: 10 };
const MAX_WINDOWS = 6;

export interface PatientTimesQuery {
  serviceId: string;
  /** Null: of any doctor of the service. */
  doctorId: string | null;
  /** The IANA zone of the days. */
  timeZone: string;
  /** The first local day; today if it is earlier or absent. */
  from?: string;
  /** The appointment that is moved or booked again. If it was booked with a referral, the times are those that the referral allows. */
  appointmentId: string;
  /** For a move: the limits are those of a move. */
  isMove: boolean;
}

export interface DayOfTimes {
  /** Local day. */
  day: string;
  /** Starts in epoch milliseconds, ascending. */
  starts: number[];
}

export interface PatientTimes {
  days: DayOfTimes[];
  /** The first day of the next page; null if no later times were found. */
  nextDay: string | null;
}

/** Lists the free times that one patient can choose, for pages without a calendar. */
@Injectable()
export class PatientTimesService {
  constructor(
    private readonly availability: AvailabilityService,
    private readonly reservations: ReservationsRepository,
    private readonly appointments: AppointmentsRepository,
    private readonly referrals: ReferralHooks,
    private readonly clock: Clock,
  ) {}

  /**
   * A page of times that the patient can book, without those of their other visits. Empty for a service or doctor that cannot be booked.
   * @param patient with the record of the patient as `clientId`
   */
  async list(patient: Actor, query: PatientTimesQuery): Promise<PatientTimes> {
    const zone = Zone.of(query.timeZone);
    const length = query.doctorId ? DAYS_PER_WINDOW.oneDoctor : DAYS_PER_WINDOW.anyDoctor;
    const terms = await this.referrals.findTerms(query.appointmentId);
    let from = laterDay(query.from, zone.toDay(Math.max(this.clock.now(), terms?.during.start ?? 0)));
    const days: DayOfTimes[] = [];
    for (let window = 1; window <= MAX_WINDOWS && days.length <= DAYS_ON_PAGE; window += 1) {
      if (terms && zone.startOfDay(from) >= terms.during.end) break;
      const to = zone.addDays(from, length - 1);
      days.push(...toDays(zone, await this.findStarts(patient, query, { from, to }, terms)));
      from = zone.addDays(to, 1);
    }
    return { days: days.slice(0, DAYS_ON_PAGE), nextDay: days[DAYS_ON_PAGE]?.day ?? null };
  }

  /** Whether the clinic's cut-off for changes by patients has passed. */
  async isPastCutoff({ serviceId, startAt }: { serviceId: string; startAt: Date }): Promise<boolean> {
    const cutoffMinutes = await this.appointments.getCancellationCutoff(serviceId);
    return isPastCutoff(startAt, cutoffMinutes, this.clock.now());
  }

  private async findStarts(
    patient: Actor,
    { serviceId, doctorId, timeZone, appointmentId, isMove }: PatientTimesQuery,
    days: { from: string; to: string },
    terms: ReferralTerms | null,
  ): Promise<number[]> {
    const query = { serviceId, timeZone, ...days, ...(doctorId && { doctorId }) };
    const list = await this.availability.list(patient, query, isMove ? appointmentId : undefined).catch(noneIfNotFound);
    // An empty list has a reason.
    const slots = (Array.isArray(list) ? list : list.items).filter((slot) => !terms || isAllowed(slot, terms));
    const ranges = slots.map(({ startDateTime, endDateTime }) => ({
      start: Date.parse(startDateTime),
      end: Date.parse(endDateTime),
    }));
    const last = ranges.at(-1);
    if (!ranges[0] || !last || !patient.clientId) return [];
    const window = { start: ranges[0].start, end: last.end };
    const busy = await this.reservations.findBusyTimes(patient.clientId, window);
    const free = ranges.filter((range) => !busy.some((other) => overlaps(other, range)));
    // Several doctors may be free at the same time.
    return [...new Set(free.map(({ start }) => start))];
  }
}

const isAllowed = ({ startDateTime, doctorId }: SlotView, { during, doctorId: onlyDoctor }: ReferralTerms): boolean => {
  const start = Date.parse(startDateTime);
  return start >= during.start && start < during.end && (onlyDoctor === null || doctorId === onlyDoctor);
};

const laterDay = (one: string | undefined, other: string): string => (one && one > other ? one : other);

function toDays(zone: Zone, starts: readonly number[]): DayOfTimes[] {
  const days: DayOfTimes[] = [];
  for (const start of starts) {
    const day = zone.toDay(start);
    const last = days.at(-1);
    if (last?.day === day) last.starts.push(start);
    else days.push({ day, starts: [start] });
  }
  return days;
}

/** The service or clinic may have been closed since the appointment was booked. */
function noneIfNotFound(error: unknown): [] {
  if (error instanceof DomainError && error.code === 'NOT_FOUND') return [];
  throw error;
}
