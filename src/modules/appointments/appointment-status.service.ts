import { Injectable } from '@nestjs/common';
import { Zone } from '../../core/kernel/zone.js';
import type { Actor } from '../../core/kernel/actor.js';
import { ClinicsService } from '../clinics/index.js';
import { AppointmentChanges, type AppointmentChange } from './appointment-changes.js';
import type { Appointment } from './appointment.entity.js';
import type { AppointmentView } from './appointments.dto.js';
import { ReservationsRepository } from './reservations.repository.js';

/** How a change was requested, if not by a signed-in user. */
export type Via = 'LINK';

/** Changes the status of an appointment: confirmation, cancellation, check-in, visit, no-show. */
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

  /** The patient confirms that they will come. A repetition changes nothing. */
  confirmByClient(actor: Actor, id: string, via?: Via): Promise<AppointmentView> {
    return this.changes.apply(actor, id, null, async (appointment, at) => {
      if (appointment.clientConfirmedAt && appointment.status === 'CONFIRMED') return null;
      return step('confirmed-by-client', appointment, () => appointment.confirmByClient(at), via);
    });
  }

  /** Allowed from the start of the visit's local day at the clinic. A repetition changes nothing. */
  checkIn(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.changes.apply(actor, id, version, async (appointment, at) => {
      if (appointment.checkedInAt && appointment.status === 'CONFIRMED') return null;
      const earliest = await this.startOfDay(appointment);
      return step('checked-in', appointment, () => appointment.checkIn(at, earliest));
    });
  }

  /** Allowed after the check-in, or from 30 minutes before the start. */
  start(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.changes.apply(actor, id, version, (appointment, at) =>
      step('started', appointment, () => appointment.start(at)),
    );
  }

  /** Frees the rest of the reserved time if the visit ends before its planned end. */
  complete(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.changes.apply(actor, id, version, async (appointment, at) => {
      const change = await step('completed', appointment, () => appointment.complete(at));
      await this.reservations.endAt(id, appointment.version, appointment.endAt, at);
      return change;
    });
  }

  /** Allowed from the start of the visit. */
  noShow(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.changes.apply(actor, id, version, async (appointment, at) => {
      const change = await step('no-show', appointment, () => appointment.markNoShow(at));
      await this.reservations.release(id);
      return change;
    });
  }

  /** Patients may cancel until the clinic's cut-off, the front desk always. Frees the time and keeps the row. */
  cancel(actor: Actor, id: string, version: number | null, reason: string | null, via?: Via): Promise<AppointmentView> {
    return this.changes.apply(actor, id, version, async (appointment, at) => {
      const change = await step('cancelled', appointment, () => appointment.cancel(at, reason), via);
      if (actor.role === 'CLIENT') {
        const { cancellationCutoffMinutes } = await this.clinics.getPolicy(appointment.clinicId);
        appointment.assertBeforeCutoff(cancellationCutoffMinutes, at.getTime());
      }
      await this.reservations.release(id);
      return { ...change, event: 'appointment:cancelled' };
    });
  }

  private async startOfDay({ clinicId, startAt }: Appointment): Promise<number> {
    const zone = Zone.of((await this.clinics.get(clinicId)).timeZone);
    return zone.startOfDay(zone.toDay(startAt.getTime()));
  }
}

/** Applies a change of status and describes it for the history and the event. */
function step(action: string, appointment: Appointment, apply: () => void, via?: Via): Promise<AppointmentChange> {
  const before = appointment.status;
  apply();
  return Promise.resolve({ action, changes: { status: [before, appointment.status], ...(via && { via }) } });
}
