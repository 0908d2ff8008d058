import { Injectable } from '@nestjs/common';
import type { Actor } from '../../core/kernel/actor.js';
import { toIso } from '../../core/kernel/clock.js';
import { DomainError, invalid, notFound } from '../../core/kernel/domain-error.js';
import { AppointmentStatusService, BookingService, type AppointmentView } from '../appointments/index.js';
import { BookingRulesService, type BookingRules } from '../scheduling/index.js';
import type { QueueDay } from './queue.repository.js';

/** Who comes without an appointment, and for what. */
export interface RequestedWalkIn {
  serviceId: string;
  clientId: string;
  /** Null: whoever is free first. */
  doctorId: string | null;
}

type WalkInVisit = RequestedWalkIn & { doctorId: string };

const MINUTE = 60_000;
/** How many free times are tried: others may book one first, or the patient may have another visit then. */
const MAX_SLOTS_TRIED = 20;

/**
 * Books the visits of walk-ins. Hours, notice and horizon do not apply, but nothing is ever booked over another reservation: it goes
 * through the booking writer.
 */
@Injectable()
export class WalkInBooking {
  constructor(
    private readonly rules: BookingRulesService,
    private readonly booking: BookingService,
    private readonly status: AppointmentStatusService,
  ) {}

  /**
   * The rules of a service of the clinic, with this doctor.
   * @throws DomainError NOT_FOUND for a service of another clinic, VALIDATION_ERROR for a doctor of another service
   */
  async getRules(clinicId: string, serviceId: string, doctorId: string | null): Promise<BookingRules> {
    return this.rules.withRules(serviceId, (rules) => {
      if (rules.row.clinicId !== clinicId) throw notFound();
      if (doctorId !== null && !rules.doctor(doctorId)) {
        throw invalid({ field: 'doctorId', error: 'is not a doctor of this service' });
      }
      return Promise.resolve(rules);
    });
  }

  /**
   * Books the next free time within today's working hours.
   * @throws DomainError SLOT_NOT_OFFERED with the reason FULL
   */
  async bookNextFree(
    actor: Actor,
    { clinicId, now, end }: QueueDay,
    walkIn: RequestedWalkIn,
  ): Promise<AppointmentView> {
    const window = { start: now, end };
    const schedule = await this.rules.findSchedule(walkIn.serviceId, walkIn.doctorId, () => window);
    if (!schedule) throw notFound();
    const { rules, busy } = schedule;
    const slots = rules.withOverride().freeSlots({ window, busy, now, doctorId: walkIn.doctorId });
    for (const { start, doctorId } of slots.slice(0, MAX_SLOTS_TRIED)) {
      try {
        return await this.book(actor, clinicId, { ...walkIn, doctorId }, start);
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== 'APPOINTMENT_CONFLICT') throw error;
      }
    }
    throw new DomainError(
      'SLOT_NOT_OFFERED',
      'No time is free today. Let the patient wait for a gap, or book another day.',
      { reason: 'FULL' },
    );
  }

  /**
   * Books the visit from the next whole minute on; in the last minute of the day, from now on.
   * @throws DomainError APPOINTMENT_CONFLICT if the doctor, the patient or a room is reserved before it would end
   */
  bookNow(actor: Actor, { clinicId, now, end }: QueueDay, visit: WalkInVisit): Promise<AppointmentView> {
    const nextMinute = Math.ceil(now / MINUTE) * MINUTE;
    // Visits start at whole minutes, and the doctor may have completed another one within this minute.
    return this.book(actor, clinicId, visit, nextMinute < end ? nextMinute : now);
  }

  /** The patient has arrived: their visit joins the queue. */
  async checkIn(actor: Actor, { id, status }: AppointmentView): Promise<void> {
    if (status === 'PENDING') await this.status.confirm(actor, id, null);
    await this.status.checkIn(actor, id, null);
  }

  private book(actor: Actor, clinicId: string, visit: WalkInVisit, start: number): Promise<AppointmentView> {
    return this.booking.book(toDesk(actor, clinicId), {
      ...visit,
      startDateTime: toIso(start),
      overrideHours: true,
      overrideReason: 'Walk-in',
    });
  }
}

/** A doctor does the work of the front desk for the patients of their own queue. The audit log names the doctor. */
const toDesk = (actor: Actor, clinicId: string): Actor =>
  actor.role === 'DOCTOR' ? { ...actor, role: 'STAFF', clinicIds: [clinicId] } : actor;
