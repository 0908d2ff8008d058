import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Clock } from '../../core/kernel/clock.js';
import { invalid, notFound, type DomainError } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import type { Actor } from '../../core/kernel/actor.js';
import type { Appointment } from './appointment.entity.js';
import { AppointmentChangeHooks, type CancellationParty } from './appointment-change-hooks.js';
import { AppointmentEventCodec, type EventDetails } from './appointment-event.js';
import { patientErased } from './appointment.errors.js';
import { viewFor } from './appointment.policy.js';
import type { AppointmentView } from './appointments.dto.js';
import { AppointmentsRepository } from './appointments.repository.js';

/** What an update did, for the audit log and the event's consumers. */
export interface AppointmentChange {
  /** Without the prefix `appointment.`. @example rescheduled */
  action: string;
  event?: 'appointment:updated' | 'appointment:cancelled';
  /** Scheduling fields with their old and new values; never the text of notes. */
  changes: Record<string, unknown>;
  /** Why the front desk overrode the hours. */
  overrideReason?: string;
  /** Why the front desk moved the visit together with others. */
  moveReason?: string;
  /** Of a cancellation by the front desk: for whom. */
  requestedBy?: CancellationParty;
  /** What the event carries besides the appointment. */
  details?: Omit<EventDetails, 'action'>;
}

/** Changes the appointment. `before` is a copy of its old state. Returns null if there is nothing to change. */
type Update = (
  appointment: Appointment,
  at: Date,
  before: Appointment,
) => AppointmentChange | null | Promise<AppointmentChange | null>;

const TEXTS = ['notes', 'staffNotes', 'insuranceNote', 'cancelReason'] as const;

/** Updates an appointment in one transaction: lock, check the version, change, save, audit, publish. */
@Injectable()
export class AppointmentUpdater {
  constructor(
    private readonly clock: Clock,
    private readonly appointments: AppointmentsRepository,
    private readonly log: ChangeLog,
    private readonly events: AppointmentEventCodec,
    private readonly hooks: AppointmentChangeHooks,
  ) {}

  /**
   * @param version from If-Match; null if not given
   * @throws DomainError NOT_FOUND, VERSION_MISMATCH, and what `update` throws
   */
  async update(actor: Actor, id: string, version: number | null, update: Update): Promise<AppointmentView> {
    let auditId = newId();
    let changesVideoUrl = false;
    const { view } = await this.log.versionedUpdate({
      objectType: 'appointment',
      id,
      version,
      lock: async () => {
        const appointment = await this.appointments.lockVisible(actor, id);
        if (!appointment) throw notFound();
        // The history is sorted by this id: one made before the lock would put a change before those it waited for.
        auditId = newId();
        return { row: appointment, before: appointment.copy() };
      },
      change: async (appointment, before) => {
        const change = await update(appointment, new Date(this.clock.now()), before);
        if (!change) return null;
        await this.assertNotErased(before, appointment);
        changesVideoUrl = appointment.videoUrl !== undefined;
        if (appointment.videoUrl && !(await this.appointments.isVideoVisit(id))) throw notVideo();
        await this.appointments.save(appointment);
        await this.appointments.insertNoteChanges(auditId, before, appointment, change);
        await this.hooks.run(change.action, appointment, before, { actor, requestedBy: change.requestedBy });
        return change;
      },
      read: () => this.appointments.getEventView(id),
      details: ({ clinicId }, { view: after, ...audience }, change) => {
        const { action, event = 'appointment:updated', changes, details } = change;
        return {
          id: auditId,
          action: `appointment.${action}`,
          clinicId,
          after,
          changes,
          // Given explicitly: a request from a link in a message has no signed-in user.
          actor,
          event: { name: event, payload: this.events.toPayload(after, audience, { action, ...details }) },
        };
      },
    });
    const shown = changesVideoUrl ? ((await this.appointments.find(actor, id)) ?? view) : view;
    return viewFor(actor, shown);
  }

  /** The visits of an erased patient stay without texts, and cancelled: nobody would erase what is added to them. */
  private async assertNotErased(before: Appointment, after: Appointment): Promise<void> {
    const hasNewText =
      Boolean(after.videoUrl) || TEXTS.some((field) => after[field] !== null && after[field] !== before[field]);
    const isReinstated = before.status === 'CANCELLED' && after.status !== 'CANCELLED';
    if (!hasNewText && !isReinstated) return;
    if (await this.appointments.isPatientErased(after.clientId)) throw patientErased();
  }
}

const notVideo = (): DomainError => invalid({ field: 'videoUrl', error: 'is only for services with the mode VIDEO' });
