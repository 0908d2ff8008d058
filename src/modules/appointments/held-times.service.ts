import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import type { Actor } from '../../core/kernel/actor.js';
import { DomainError, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { BookingRulesService } from '../scheduling/index.js';
import { holdExpired } from './appointment.errors.js';
import { viewFor } from './appointment.policy.js';
import type { AppointmentView } from './appointments.dto.js';
import { limitsFor } from './booking-limits.js';
import { countBooking } from './booking-metrics.js';
import { HoldConversion } from './hold-conversion.js';
import { isOpen, resolveHeldSlot } from './held-slot.js';
import type { Hold } from './hold.entity.js';
import { HoldsRepository } from './holds.repository.js';
import { newHold } from './new-hold.js';
import { assertBookable, resolveSlot, type RequestedSlot } from './requested-slot.js';
import { SlotReserver } from './slot-reserver.js';

/** A time to keep for a patient. Instants in epoch milliseconds. */
export interface TimeToHold {
  serviceId: string;
  doctorId: string;
  start: number;
  expiresAt: number;
  /** Null: for the first of several patients who books it. */
  clientId: string | null;
  /** Whether the patient's limits apply; not for an earlier time of a visit that they have. */
  isLimited: boolean;
}

/** The patient who gets a held time. */
interface HeldFor {
  clientId: string;
  referralId: string | null;
}

/** Acts by the rules for patients. */
const AS_PATIENT = { role: 'CLIENT' } as const;

/**
 * Keeps times for other features, such as the waitlist: no account holds them, and they do not count among the three holds of a
 * patient. For everybody else they are taken.
 */
@Injectable()
export class HeldTimesService {
  constructor(
    private readonly clock: Clock,
    private readonly rules: BookingRulesService,
    private readonly reserver: SlotReserver,
    private readonly holds: HoldsRepository,
    private readonly conversion: HoldConversion,
  ) {}

  /**
   * Notice, horizon, hours and limits are those for patients.
   * @returns the id of the hold; null if the time cannot be booked, or not by this patient
   */
  async hold(time: TimeToHold): Promise<string | null> {
    try {
      return await this.rules.withRules(time.serviceId, async (rules) => {
        const startDateTime = new Date(time.start).toISOString();
        const slot = resolveSlot(AS_PATIENT, rules, { doctorId: time.doctorId, startDateTime });
        assertBookable(slot, this.clock.now());
        return await this.reserve(time, { ...slot, isTentative: true });
      });
    } catch (error) {
      if (isRefusal(error)) return null;
      throw error;
    }
  }

  /** Locks the hold until the transaction ends. @returns null if it is over: booked, released or expired */
  async lock(id: string): Promise<Hold | null> {
    const hold = await this.holds.lock(id);
    return hold && hold.expiresAt.getTime() > this.clock.now() ? hold : null;
  }

  /**
   * Books the time for the patient.
   * @throws DomainError HOLD_EXPIRED, also if the time was closed since, and the errors of a booking
   */
  book(actor: Actor, hold: Hold, patient: HeldFor): Promise<AppointmentView> {
    return countBooking('waitlist', () => this.bookHeld(actor, hold, patient));
  }

  private async bookHeld(actor: Actor, hold: Hold, { clientId, referralId }: HeldFor): Promise<AppointmentView> {
    const { serviceId, doctorId, startAt } = hold;
    if (hold.clientId && hold.clientId !== clientId) throw notFound();
    if (hold.expiresAt.getTime() <= this.clock.now()) throw holdExpired();
    if (!(await this.isOpen(hold))) throw holdExpired('CLOSED');
    return this.rules.withRules(serviceId, async (rules) => {
      // Again with the rules that the booking statement checks: the time may be closed at this moment.
      const slot = resolveHeldSlot(actor, rules, hold);
      const request = {
        serviceId,
        doctorId,
        startDateTime: startAt.toISOString(),
        clientId,
        ...(referralId && { referralId }),
      };
      return viewFor(actor, await this.conversion.convert(actor, [slot], request, hold));
    });
  }

  find(id: string): Promise<Hold | null> {
    return this.holds.find(id);
  }

  /** Whether a visit could still be at the held time: false if hours, doctor, rooms or service were closed since. */
  async isOpen(hold: Hold): Promise<boolean> {
    const window = { start: hold.startAt.getTime(), end: hold.endAt.getTime() };
    const schedule = await this.rules.findSchedule(hold.serviceId, hold.doctorId, () => window);
    return schedule !== null && isOpen(schedule.rules, hold);
  }

  /** Frees the time. */
  async release(id: string): Promise<void> {
    await this.holds.end(id);
  }

  private async reserve({ clientId, expiresAt, isLimited }: TimeToHold, slot: RequestedSlot): Promise<string> {
    const id = newId();
    const instants = { createdAt: new Date(this.clock.now()), expiresAt: new Date(expiresAt) };
    await this.reserver.reserve([slot], { id, clientId, kind: 'HOLD', isForLater: true }, (reserved) =>
      this.holds.write({
        ...newHold(reserved, { id, clientId, ...instants }),
        limits: isLimited ? limitsFor(AS_PATIENT, slot) : null,
        maxHolds: null,
        holder: null,
      }),
    );
    return id;
  }
}

/** The time or the patient does not fit; the next one may. */
const isRefusal = (error: unknown): boolean =>
  error instanceof DomainError &&
  ['APPOINTMENT_CONFLICT', 'SLOT_NOT_OFFERED', 'NOT_FOUND', 'VALIDATION_ERROR'].includes(error.code);
