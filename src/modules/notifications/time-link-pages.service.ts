import { Injectable } from '@nestjs/common';
import { isInstant } from '../../core/http/instants.js';
import type { Actor } from '../../core/kernel/actor.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { PatientTimesService, RebookingService, RescheduleService } from '../appointments/index.js';
import { isUpcoming } from './deliverability.js';
import type { PageFacts, PageKind } from './link-pages.js';
import type { AppointmentLink } from './link-tokens.js';
import { LinkedAppointments, toActor, type LinkedAppointment } from './linked-appointments.js';
import { UNKNOWN_PAGE, type LinkPage } from './links.service.js';
import { usableZone } from './templates/time-format.js';
import { toTimesToChoose, type TimesQuery } from './times-to-choose.js';

/** How many pages of one appointment may be opened in ten minutes. There is a limit because a link can be forwarded to many people. */
const LIMIT = 'time-links';
const LIMITS = { [LIMIT]: { points: 60, seconds: 600 } };

/** A link to choose a time, with its appointment. */
interface Visit extends LinkedAppointment {
  link: AppointmentLink;
  /** Who acts, with the record of the appointment's patient. */
  patient: Actor;
}

/** The pages where patients choose another time for an appointment, or a time to book a cancelled one again. */
@Injectable()
export class TimeLinkPages {
  constructor(
    private readonly linked: LinkedAppointments,
    private readonly times: PatientTimesService,
    private readonly rescheduling: RescheduleService,
    private readonly rebooking: RebookingService,
    private readonly limits: RateLimits,
  ) {
    limits.define(LIMITS);
  }

  /** Changes nothing, because mail programs and virus scanners open links. @returns null for a link of another purpose */
  async show(token: string, query: TimesQuery): Promise<LinkPage | null> {
    const link = this.readLink(token);
    if (!link) return null;
    const visit = await this.find(link);
    if (!visit) return UNKNOWN_PAGE;
    const kind = link.action === 'rebook' ? 'REBOOK' : 'RESCHEDULE';
    return (await this.findRefusal(visit)) ?? this.showTimes(visit, query, { kind, status: 200 });
  }

  /** Takes the chosen time. The same choice, sent twice, is done once and has the same answer. */
  async act(token: string, chosen: string, query: TimesQuery): Promise<LinkPage | null> {
    const link = this.readLink(token);
    if (!link) return null;
    const visit = await this.find(link);
    if (!visit) return UNKNOWN_PAGE;
    if (!isInstant(chosen)) {
      return (await this.findRefusal(visit)) ?? this.showTimes(visit, query, { kind: 'NOTHING_CHOSEN', status: 400 });
    }
    const start = Date.parse(chosen);
    const finished = (await this.findDone(visit, start)) ?? (await this.findRefusal(visit));
    if (finished) return finished;
    try {
      await this.take(visit, start, query);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      // The appointment has changed since it was read, perhaps by the same choice.
      if (error.code === 'VERSION_MISMATCH') return this.act(token, chosen, query);
      const page = toPage(error, visit.facts);
      if (page) return page;
      if (!RETRYABLE.has(error.code)) throw error;
      return this.showTimes(visit, query, { kind: 'TIME_TAKEN', status: 409 });
    }
    const changed = await this.find(link);
    return (changed && (await this.findDone(changed, start))) ?? expired(visit);
  }

  private readLink(token: string): AppointmentLink | null {
    const link = this.linked.readLink(token);
    return link?.action === 'reschedule' || link?.action === 'rebook' ? link : null;
  }

  private async find(link: AppointmentLink): Promise<Visit | null> {
    await this.limits.consume(LIMIT, link.appointmentId);
    const linked = await this.linked.find(link);
    return linked && { ...linked, link, patient: { ...toActor(linked.user), clientId: linked.appointment.clientId } };
  }

  /** The page of a choice that was made before. */
  private async findDone(visit: Visit, start: number): Promise<LinkPage | null> {
    const { link, appointment, facts, user } = visit;
    if (!this.linked.mayUse(link, visit)) return null;
    if (link.action === 'reschedule') {
      const isMoved = appointment.startAt.getTime() === start && link.start !== start;
      return isMoved && isUpcoming(appointment) ? { kind: 'RESCHEDULED', status: 200, facts } : null;
    }
    const rebookedId = await this.rebooking.findAppointmentId(appointment.id);
    const booked = rebookedId ? await this.linked.findFacts(rebookedId, user) : null;
    if (booked?.facts.start !== start || !isUpcoming(booked)) return null;
    return { kind: booked.status === 'PENDING' ? 'REQUESTED_AGAIN' : 'BOOKED_AGAIN', status: 200, facts: booked.facts };
  }

  /** The page that says why no time can be chosen. */
  private async findRefusal(visit: Visit): Promise<LinkPage | null> {
    const { link, appointment, facts } = visit;
    if (link.action === 'rebook') {
      const isUsed = (await this.rebooking.findAppointmentId(appointment.id)) !== null;
      return isUsed || !this.linked.isRebookable(link, visit) ? expired(visit) : null;
    }
    if (!this.linked.isUpcoming(link, visit)) return expired(visit);
    return (await this.times.isPastCutoff(appointment)) ? { kind: 'TOO_LATE_TO_MOVE', status: 422, facts } : null;
  }

  private async take({ link, appointment, patient }: Visit, start: number, query: TimesQuery): Promise<void> {
    const startDateTime = new Date(start).toISOString();
    const { id, version, serviceId, doctorId } = appointment;
    if (link.action === 'reschedule') {
      await this.rescheduling.change(patient, id, { startDateTime }, { version, via: 'LINK' });
    } else {
      await this.rebooking.book(patient, id, { serviceId, startDateTime, ...(!query.isAnyDoctor && { doctorId }) });
    }
  }

  /** The free times; if there are none, whom to call. */
  private async showTimes(
    { link, appointment, user, facts, patient }: Visit,
    query: TimesQuery,
    page: { kind: PageKind; status: number },
  ): Promise<LinkPage> {
    const { id, serviceId, doctorId, clinicTimeZone } = appointment;
    const timeZone = usableZone(user.timeZone, clinicTimeZone);
    const mayChooseDoctor = link.action === 'rebook';
    const isAnyDoctor = mayChooseDoctor && query.isAnyDoctor;
    const { from } = query;
    const free = await this.times.list(patient, {
      serviceId,
      doctorId: isAnyDoctor ? null : doctorId,
      timeZone,
      from,
      appointmentId: id,
      isMove: link.action === 'reschedule',
    });
    const options = { locale: user.locale, timeZone, from, isAnyDoctor, mayChooseDoctor };
    const shown = {
      ...facts,
      ...(mayChooseDoctor && { start: undefined }),
      ...(isAnyDoctor && { doctorName: undefined }),
      times: toTimesToChoose(free, options),
    };
    return free.days.length > 0 ? { ...page, facts: shown } : { kind: 'NO_TIMES', status: page.status, facts: shown };
  }
}

const expired = ({ link, facts }: Visit): LinkPage =>
  link.action === 'rebook'
    ? { kind: 'ACCOUNT_LINK_EXPIRED', status: 410, facts: { locale: facts.locale } }
    : { kind: 'LINK_EXPIRED', status: 410, facts };

/** The time cannot be taken, but perhaps another one. */
const RETRYABLE: ReadonlySet<string> = new Set([
  'APPOINTMENT_CONFLICT',
  'SLOT_NOT_OFFERED',
  'VALIDATION_ERROR',
  'NOT_FOUND',
]);

/** Reasons for which no other time helps. */
const CALL_CLINIC: ReadonlySet<string> = new Set(['TOO_MANY_UPCOMING', 'TOO_MANY_NO_SHOWS', 'REFERRAL_REQUIRED']);

function toPage({ code, details }: DomainError, facts: PageFacts): LinkPage | null {
  if (code === 'CANCELLATION_TOO_LATE') return { kind: 'TOO_LATE_TO_MOVE', status: 422, facts };
  if (code === 'INVALID_TRANSITION') return { kind: 'LINK_EXPIRED', status: 410, facts };
  // It is paid for in the app or at the desk.
  if (code === 'PAYMENT_REQUIRED') return { kind: 'CALL_CLINIC', status: 422, facts };
  const { reason } = (details ?? {}) as { reason?: string };
  return code === 'SLOT_NOT_OFFERED' && CALL_CLINIC.has(reason ?? '')
    ? { kind: 'CALL_CLINIC', status: 422, facts }
    : null;
}
