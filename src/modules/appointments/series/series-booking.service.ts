import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../core/kernel/actor.js';
import { DomainError } from '../../../core/kernel/domain-error.js';
import { BookingRulesService, type NotBookableReason } from '../../scheduling/index.js';
import { appointmentConflict, referralRequired, slotNotOffered, staffNotesForbidden } from '../appointment.errors.js';
import { assertAtOwnClinic, getClientId } from '../appointment.policy.js';
import { countBooking, toBookingSource } from '../booking-metrics.js';
import { BookingWriter } from '../booking-writer.js';
import { ConflictErrors } from '../conflict-errors.js';
import { assertMayOverride, primaryConflict, resolveSlots, type RequestedSlot } from '../requested-slot.js';
import { toRefusalError } from '../slot-reserver.js';
import { SeriesPlanner, type OccurrenceProblem, type SeriesPlan } from './series-planner.js';
import { SeriesReserver, type RefusedOccurrence } from './series-reserver.js';
import { expandRule } from './series-rule.js';
import type { BookSeries, SeriesView, SkippedOccurrence } from './series.dto.js';

/** How often a series is planned again after others took some of its times. */
const MAX_PLANS = 10;

/** Limits on appointments: other times would not help. */
const LIMITS = ['TOO_MANY_UPCOMING', 'TOO_MANY_ON_DAY'];

/** The slots that may be booked: one for each doctor who may be chosen, all at the first start. */
interface RequestedSeries {
  slots: RequestedSlot[];
  starts: number[];
  clientId: string;
  request: BookSeries;
}

/** Books series of appointments. */
@Injectable()
export class SeriesBookingService {
  constructor(
    private readonly rules: BookingRulesService,
    private readonly planner: SeriesPlanner,
    private readonly reserver: SeriesReserver,
    private readonly writer: BookingWriter,
    private readonly conflicts: ConflictErrors,
  ) {}

  /**
   * Books all occurrences of a rule or, with `skipConflicts`, those that are possible. Without a doctor in the request, one doctor is
   * chosen for all (SeriesPlanner).
   * @throws DomainError APPOINTMENT_CONFLICT or SLOT_NOT_OFFERED, with `details.occurrences`; VALIDATION_ERROR for the rule
   */
  book(actor: Actor, request: BookSeries): Promise<SeriesView> {
    return countBooking(toBookingSource(actor), () => this.bookRule(actor, request));
  }

  private async bookRule(actor: Actor, request: BookSeries): Promise<SeriesView> {
    if (actor.role === 'CLIENT' && request.staffNotes != null) throw staffNotesForbidden();
    return this.rules.withRules(request.serviceId, async (rules) => {
      const slots = resolveSlots(actor, rules, request);
      assertAtOwnClinic(actor, rules.row.clinicId);
      assertMayOverride(actor, rules, request);
      // A referral is for one appointment.
      if (rules.row.requiresReferral && actor.role === 'CLIENT') throw referralRequired();
      const clientId = getClientId(actor, request.clientId);
      await this.writer.assertMayBookFor(actor, clientId);
      const [{ start }] = slots as [RequestedSlot];
      const starts = expandRule(request.rrule, start, rules.row.timeZone);
      return this.bookStarts(actor, { slots, starts, clientId, request });
    });
  }

  private async bookStarts(actor: Actor, series: RequestedSeries): Promise<SeriesView> {
    const { slots, starts, clientId, request } = series;
    const refused = new Map<number, OccurrenceProblem>();
    for (let attempt = 1; ; attempt += 1) {
      const remaining = starts.filter((start) => !refused.has(start));
      const plan = await this.planner.plan(slots, remaining, clientId);
      const problems = [...plan.problems, ...refused.values()].sort((a, b) => a.slot.start - b.slot.start);
      const skipped = await this.describe(problems, plan, clientId);
      if (problems.length > 0 && (!request.skipConflicts || plan.occurrences.length === 0)) {
        throw toError(problems, skipped, starts);
      }
      const reserved = await this.reserver.reserve({ ...plan, booker: actor, clientId, skipped, request });
      if ('series' in reserved) return reserved.series;
      for (const problem of getLasting(reserved.refused, attempt >= MAX_PLANS))
        refused.set(problem.slot.start, problem);
    }
  }

  /** The problems with other times, at which the patient has none of the other appointments of the series. */
  private async describe(
    problems: readonly OccurrenceProblem[],
    { occurrences }: SeriesPlan,
    clientId: string,
  ): Promise<SkippedOccurrence[]> {
    const ownVisits = occurrences.map(({ slot }) => slot.rules.visit(slot.start));
    const skipped: SkippedOccurrence[] = [];
    let isFarAhead = false;
    for (const { slot, reason, conflictingWith } of problems) {
      const hasNone = LIMITS.includes(reason) || (isFarAhead && reason === 'PAST_HORIZON');
      const alternatives = hasNone ? [] : await this.conflicts.findAlternatives(slot, clientId, ownVisits);
      // Times after one that is too far ahead to have other times near it have none either.
      if (reason === 'PAST_HORIZON' && alternatives.length === 0) isFarAhead = true;
      const startDateTime = new Date(slot.start);
      skipped.push({ startDateTime, reason, ...(conflictingWith && { conflictingWith }), alternatives });
    }
    return skipped;
  }
}

/**
 * The refusals that a new plan would not find. Conflicts are found, unless others are faster each time. A limit was checked with the
 * occurrences that conflict, so it counts only if there are none.
 * @throws the errors of refusals that concern the whole series
 */
function getLasting(refused: readonly RefusedOccurrence[], isLastPlan: boolean): OccurrenceProblem[] {
  for (const { slot, refusal } of refused) {
    if (refusal.reason !== 'CONFLICT' && !LIMITS.includes(refusal.reason)) throw toRefusalError(refusal, slot);
  }
  const conflicts = refused.flatMap(({ slot, refusal }): OccurrenceProblem[] =>
    refusal.reason === 'CONFLICT'
      ? [{ slot, reason: 'APPOINTMENT_CONFLICT', conflictingWith: primaryConflict(refusal.conflicts) }]
      : [],
  );
  if (conflicts.length > 0) return isLastPlan ? conflicts : [];
  return refused.map(({ slot, refusal: { reason } }) => ({ slot, reason }));
}

/** The error of the first problem, which also lists the others. */
function toError(
  problems: readonly OccurrenceProblem[],
  described: readonly SkippedOccurrence[],
  starts: readonly number[],
): DomainError {
  const [{ slot, reason, conflictingWith }] = problems as [OccurrenceProblem];
  const error = conflictingWith ? appointmentConflict(conflictingWith) : toNotOffered(reason, slot);
  const numbers = problems.map((problem) => starts.indexOf(problem.slot.start) + 1);
  const occurrences = described.map((one, index) => ({ number: numbers[index], ...one }));
  return new DomainError(error.code, `Appointment ${numbers[0]} of ${starts.length}: ${error.message}`, {
    ...(error.details as object),
    ...(conflictingWith && { alternatives: described[0]?.alternatives }),
    occurrences,
  });
}

function toNotOffered(reason: string, slot: RequestedSlot): DomainError {
  if (reason === 'TOO_MANY_UPCOMING' || reason === 'TOO_MANY_ON_DAY')
    return toRefusalError({ reason }, slot) as DomainError;
  return slotNotOffered(reason as NotBookableReason);
}
