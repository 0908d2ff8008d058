import { Injectable } from '@nestjs/common';
import { Zone } from '../../core/kernel/zone.js';
import type { Actor } from '../../core/security/actor.js';
import { ClinicsService } from '../clinics/index.js';
import { AppointmentChanges, type AppointmentChange } from './appointment-changes.js';
import type { Appointment } from './appointment.entity.js';
import type { AppointmentView } from './appointments.dto.js';
import { ReservationsRepository } from './reservations.repository.js';

/** By which way a change was requested, where it was not a signed-in request. */
export type Via = 'LINK';

/** The steps of an appointment after it is booked: confirmation, cancellation, check-in, visit, no-show. */
@Injectable()
export class AppointmentStatusService {
  constructor(
    private readonly changes: AppointmentChanges,
    private readonly reservations: ReservationsRepository,
    private readonly clinics: ClinicsService,
  ) {}

  confirm(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.changes.apply(actor, id, version, (appointment, at) =>
      step('confirmed', appointment, () => appointment.confirm(at)),
    );
  }

  /** The patient says that they will come. Saying it again changes nothing. */
  confirmByClient(actor: Actor, id: string, via?: Via): Promise<AppointmentView> {
    return this.changes.apply(actor, id, null, async (appointment, at) => {
      if (appointment.clientConfirmedAt && appointment.status === 'CONFIRMED') return null;
      return step('confirmed-by-client', appointment, () => appointment.confirmByClient(at), via);
    });
  }

  /** From the start of the visit's day at the clinic. Checking in twice changes nothing: the desk may press the button again. */
  checkIn(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.changes.apply(actor, id, version, async (appointment, at) => {
      if (appointment.checkedInAt && appointment.status === 'CONFIRMED') return null;
      const opens = await this.startOfDay(appointment);
      return step('checked-in', appointment, () => appointment.checkIn(at, opens));
    });
  }

  /** From the check-in, or 30 minutes before the start on. */
  start(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.changes.apply(actor, id, version, (appointment, at) =>
      step('started', appointment, () => appointment.start(at)),
    );
  }

  /** Before the planned end, the rest of the time is given back. */
  complete(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.changes.apply(actor, id, version, async (appointment, at) => {
      const change = await step('completed', appointment, () => appointment.complete(at));
      await this.reservations.endAt(id, appointment.version, appointment.endAt, at);
      return change;
    });
  }

  /** From the start of the visit on. */
  noShow(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.changes.apply(actor, id, version, async (appointment, at) => {
      const change = await step('no-show', appointment, () => appointment.markNoShow(at));
      await this.reservations.release(id);
      return change;
    });
  }

  /** The patient until the clinic's cut-off, the desk always. The time is free at the commit; the row stays. */
  cancel(actor: Actor, id: string, version: number | null, reason: string | null, via?: Via): Promise<AppointmentView> {
    return this.changes.apply(actor, id, version, async (appointment, at) => {
      const change = await step('cancelled', appointment, () => appointment.cancel(at, reason), via);
      if (actor.role === 'CLIENT') {
        const { cancellationCutoffMinutes } = await this.clinics.policyOf(appointment.clinicId);
        appointment.assertBeforeCutoff(cancellationCutoffMinutes, at.getTime());
      }
      await this.reservations.release(id);
      return { ...change, event: 'appointment:cancelled' };
    });
  }

  private async startOfDay({ clinicId, startAt }: Appointment): Promise<number> {
    const zone = Zone.of((await this.clinics.get(clinicId)).timeZone);
    return zone.startOfDay(zone.dayOf(startAt.getTime()));
  }
}

/** A change of status, as history and listeners see it. */
function step(action: string, appointment: Appointment, apply: () => void, via?: Via): Promise<AppointmentChange> {
  const before = appointment.status;
  apply();
  return Promise.resolve({ action, changes: { status: [before, appointment.status], ...(via && { via }) } });
}
