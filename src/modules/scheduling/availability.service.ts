import { Injectable } from '@nestjs/common';
import { ListWithMeta } from '../../core/http/page.js';
import { worksAt, type Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { invalid, notFound, type DomainError } from '../../core/kernel/domain-error.js';
import { isoMinute } from '../../core/kernel/iso-minute.js';
import { Zone } from '../../core/kernel/zone.js';
import type { AvailabilityQuery, NextAvailabilityQuery, SlotView } from './availability.dto.js';
import type { BookingRules, FreeSlotsQuery, Slot } from './booking-rules.js';
import { BookingRulesService } from './booking-rules.service.js';
import { DAY } from './calendar.js';
import type { StartCheck } from './patient-limits.js';
import { PatientLimitsService } from './patient-limits.service.js';
import type { Range } from './ranges.js';

/** The longest range of days of one request. */
export const MAX_AVAILABILITY_DAYS = 62;
/** Fifty doctors for a month of working days with a slot every quarter of an hour; about seven megabytes. */
const MAX_SLOTS = 50_000;

export type SlotList = SlotView[] | ListWithMeta<SlotView>;

interface Search extends Pick<FreeSlotsQuery, 'limit' | 'perDoctor'> {
  getWindow: (rules: BookingRules) => Range;
  movedId?: string;
}

@Injectable()
export class AvailabilityService {
  constructor(
    private readonly rules: BookingRulesService,
    private readonly clock: Clock,
    private readonly limits: PatientLimitsService,
  ) {}

  /**
   * @param movedId a visit of the caller that would be moved: its limits are those of a move
   * @throws DomainError NOT_FOUND for an unknown service, VALIDATION_ERROR for a window over 62 days or 50,000 slots
   */
  list(actor: Actor | null, query: AvailabilityQuery, movedId?: string): Promise<SlotList> {
    assertWindow(query);
    return this.freeSlots(actor, query, {
      movedId,
      getWindow: ({ row }) => toRange(Zone.of(query.timeZone ?? row.timeZone), query),
      limit: MAX_SLOTS,
    });
  }

  /** The earliest free slots of every doctor of the service, up to the horizon. */
  next(actor: Actor | null, query: NextAvailabilityQuery): Promise<SlotList> {
    const now = this.clock.now();
    return this.freeSlots(actor, query, {
      // The horizon ends with a local day, which may end up to two days later than `now` plus whole days of 24 hours.
      getWindow: ({ row }) => ({ start: now, end: now + (row.horizonDays + 2) * DAY }),
      perDoctor: query.limit,
    });
  }

  /** The free slots or, if there are none, an empty list with the reason. */
  private async freeSlots(
    actor: Actor | null,
    { serviceId, doctorId, clinicId }: { serviceId: string; doctorId?: string; clinicId?: string },
    { getWindow, movedId, ...maximum }: Search,
  ): Promise<SlotList> {
    const schedule = await this.rules.findSchedule(serviceId, doctorId ?? null, (rules) =>
      getWindow(rulesFor(actor, rules)),
    );
    if (!schedule) throw notFound();
    const rules = rulesFor(actor, schedule.rules);
    if (clinicId !== undefined && rules.row.clinicId !== clinicId.toLowerCase()) throw notFound();
    const query = { window: getWindow(rules), now: this.clock.now(), doctorId: doctorId?.toLowerCase() };
    const accepts = await this.getStartCheck(actor, rules, movedId);
    const slots = rules.freeSlots({ ...query, ...maximum, busy: schedule.busy, accepts });
    if (slots.length === 0) return new ListWithMeta([], { reason: rules.whyNoSlots(query) });
    if (slots.length > MAX_SLOTS) throw tooManySlots();
    return slots.map(toSlotView);
  }

  /** The limits of the caller's own visits at the clinic; only patients have limits. */
  private async getStartCheck(actor: Actor | null, rules: BookingRules, movedId?: string): Promise<StartCheck> {
    if (actor?.role !== 'CLIENT' || !actor.clientId) return () => true;
    return this.limits.getStartCheck(rules, { clientId: actor.clientId, movedId });
  }
}

/** The rules for the caller: those of the front desk for people of the clinic, those of patients for everybody else. */
const rulesFor = (actor: Actor | null, rules: BookingRules): BookingRules =>
  actor && actor.role !== 'CLIENT' && worksAt(actor, rules.row.clinicId) ? rules.forDesk : rules;

const toRange = (zone: Zone, { from, to }: { from: string; to: string }): Range => ({
  start: zone.startOfDay(from),
  end: zone.startOfDay(zone.addDays(to, 1)),
});

function assertWindow({ from, to }: AvailabilityQuery): void {
  const days = (Date.parse(to) - Date.parse(from)) / DAY + 1;
  if (days < 1) throw invalid({ field: 'to', error: 'must not be before from' });
  if (days > MAX_AVAILABILITY_DAYS)
    throw invalid({ field: 'to', error: `must be less than ${MAX_AVAILABILITY_DAYS} days after from` });
}

const tooManySlots = (): DomainError =>
  invalid({
    field: 'to',
    error: `contains more than ${MAX_SLOTS} free times: request fewer days, or one doctor (doctorId)`,
  });

export const toSlotView = ({ start, end, doctorId }: Slot): SlotView => ({
  startDateTime: isoMinute(start),
  endDateTime: isoMinute(end),
  doctorId,
});
