import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { Clock } from '../../core/kernel/clock.js';
import { notFound, versionMismatch } from '../../core/kernel/domain-error.js';
import { Zone } from '../../core/kernel/zone.js';
import type { Actor } from '../../core/security/actor.js';
import { ClinicsService } from '../clinics/index.js';
import type { Appointment } from './appointment.entity.js';
import { AppointmentEventCodec } from './appointment-event.js';
import { cancellationTooLate } from './appointment.errors.js';
import { maySee } from './appointment.policy.js';
import type { AppointmentView } from './appointments.dto.js';
import { AppointmentsRepository, viewFor } from './appointments.repository.js';
import { ReservationsRepository } from './reservations.repository.js';

const MINUTE = 60_000;

/** By which way a step was asked for, where it was not a signed-in request. */
export type Via = 'LINK';

interface Step {
  action: string;
  event?: string;
  apply: (appointment: Appointment, at: Date) => void | Promise<void>;
  /** The time is given back. */
  frees?: boolean;
  via?: Via;
}

/** The steps of an appointment's life after it is booked. Each is a compare-and-set under the row's lock. */
@Injectable()
export class AttendanceService {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly appointments: AppointmentsRepository,
    private readonly reservations: ReservationsRepository,
    private readonly clinics: ClinicsService,
    private readonly changes: ChangeLog,
    private readonly events: AppointmentEventCodec,
  ) {}

  confirm(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.step(actor, id, version, { action: 'appointment.confirmed', apply: (a, at) => a.confirm(at) });
  }

  /** The patient says that they will come. Saying it again changes nothing. */
  confirmByClient(actor: Actor, id: string, via?: Via): Promise<AppointmentView> {
    return this.step(actor, id, null, {
      action: 'appointment.confirmed-by-client',
      via,
      apply: (a, at) => (a.clientConfirmedAt && a.status === 'CONFIRMED' ? undefined : a.confirmByClient(at)),
    });
  }

  /** From the start of the visit's day at the clinic. Checking in twice changes nothing: the desk may press the button again. */
  checkIn(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.step(actor, id, version, {
      action: 'appointment.checked-in',
      apply: async (a, at) => {
        if (!a.checkedInAt || a.status !== 'CONFIRMED') a.checkIn(at, await this.startOfDay(a));
      },
    });
  }

  /** From the check-in, or 30 minutes before the start on. */
  start(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.step(actor, id, version, { action: 'appointment.started', apply: (a, at) => a.start(at) });
  }

  /** Before the planned end, the rest of the time is given back. */
  complete(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.step(actor, id, version, { action: 'appointment.completed', apply: (a, at) => a.complete(at) });
  }

  /** From the start of the visit on. */
  noShow(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.step(actor, id, version, {
      action: 'appointment.no-show',
      frees: true,
      apply: (a, at) => a.markNoShow(at),
    });
  }

  /** The patient until the clinic's cut-off, the desk always. The time is free at the commit; the row stays. */
  async cancel(
    actor: Actor,
    id: string,
    version: number | null,
    reason: string | null,
    via?: Via,
  ): Promise<AppointmentView> {
    return this.step(actor, id, version, {
      action: 'appointment.cancelled',
      via,
      event: 'appointment:cancelled',
      frees: true,
      apply: (a, at) => a.cancel(at, reason),
    });
  }

  private async step(actor: Actor, id: string, version: number | null, step: Step): Promise<AppointmentView> {
    return this.db.transaction(async () => {
      const appointment = await this.appointments.lock(id);
      if (!appointment || !maySee(actor, appointment)) throw notFound();
      if (version !== null && version !== appointment.version) throw versionMismatch();
      const before = { ...appointment };
      await step.apply(appointment, new Date(this.clock.now()));
      if (step.frees && actor.role === 'CLIENT') await this.assertInTime(before);
      if (appointment.version !== before.version) return this.store(actor, before, appointment, step);
      const view = await this.appointments.find(actor, id);
      if (!view) throw notFound();
      return view;
    });
  }

  private async store(
    actor: Actor,
    before: object & { status?: string },
    appointment: Appointment,
    step: Step,
  ): Promise<AppointmentView> {
    await this.appointments.save(appointment);
    if (step.frees) await this.reservations.release(appointment.id);
    const { id, version, endAt, completedAt } = appointment;
    if (appointment.status === 'COMPLETED' && completedAt)
      await this.reservations.endAt(id, version, endAt, completedAt);
    const changed = await this.appointments.findForEvent(id);
    await this.changes.record({
      action: step.action,
      objectType: 'appointment',
      objectId: appointment.id,
      clinicId: appointment.clinicId,
      before,
      after: appointment,
      changes: { status: [before.status, appointment.status], ...(step.via && { via: step.via }) },
      // Named here: behind a link there is no signed-in user.
      actor: { userId: actor.userId, role: actor.role },
      event: {
        name: step.event ?? 'appointment:updated',
        payload: this.events.payload(changed.view, changed, { action: step.action.replace('appointment.', '') }),
      },
    });
    return viewFor(actor, changed.view);
  }

  private async startOfDay({ clinicId, startAt }: Appointment): Promise<number> {
    const zone = Zone.of((await this.clinics.get(clinicId)).timeZone);
    return zone.startOfDay(zone.dayOf(startAt.getTime()));
  }

  private async assertInTime({ clinicId, startAt }: { clinicId: string; startAt: Date }): Promise<void> {
    const { cancellationCutoffMinutes } = await this.clinics.policyOf(clinicId);
    if (this.clock.now() > startAt.getTime() - cancellationCutoffMinutes * MINUTE) {
      throw cancellationTooLate(cancellationCutoffMinutes);
    }
  }
}
