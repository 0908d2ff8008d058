import { worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';
import { forbidden, invalid, notFound } from '../../core/kernel/domain-error.js';
import type { AppointmentView } from './appointments.dto.js';

export interface AppointmentParties {
  clinicId: string;
  clientId: string;
  doctorId: string;
}

/** Whether the actor is the appointment's patient, its doctor, or the front desk of its clinic. */
export function maySee(actor: Actor, appointment: AppointmentParties): boolean {
  switch (actor.role) {
    case 'CLIENT':
      return appointment.clientId === actor.clientId;
    case 'DOCTOR':
      return appointment.doctorId === actor.doctorId;
    default:
      return worksAtFrontDesk(actor, appointment.clinicId);
  }
}

/** @throws DomainError FORBIDDEN for the front desk of another clinic */
export function assertAtOwnClinic(actor: Actor, clinicId: string): void {
  if (actor.role !== 'CLIENT' && !worksAtFrontDesk(actor, clinicId)) throw forbidden('You do not work at this clinic.');
}

/**
 * The patient to book for; null if the front desk gave none. The booking statement checks whether the actor may book for them.
 * @throws DomainError NOT_FOUND for a CLIENT who books for somebody else
 */
export function findClientId(actor: Actor, clientId: string | undefined): string | null {
  if (actor.role !== 'CLIENT') return clientId?.toLowerCase() ?? null;
  if (!actor.clientId || (clientId && clientId.toLowerCase() !== actor.clientId)) throw notFound();
  return actor.clientId;
}

/** As findClientId. @throws DomainError also VALIDATION_ERROR if the front desk gave no patient */
export function getClientId(actor: Actor, clientId: string | undefined): string {
  const found = findClientId(actor, clientId);
  if (!found) throw invalid({ field: 'clientId', error: 'is required: the patient to book for' });
  return found;
}

export interface VideoLinks {
  /** The link that was set for the appointment. */
  ownUrl: string | null;
  doctorUrl: string | null;
}

/**
 * The link to join a video visit, for a reader who may see the appointment. The front desk knows only links that it can set: those of
 * appointments. A doctor who reads the record in an emergency does not take part in the visit.
 * @returns undefined if the reader may not know it
 */
export function videoUrlFor(
  actor: Pick<Actor, 'role' | 'doctorId' | 'clinicIds'>,
  { doctorId, clinicId }: AppointmentParties,
  { ownUrl, doctorUrl }: VideoLinks,
): string | null | undefined {
  if (actor.role === 'CLIENT') return ownUrl ?? doctorUrl;
  if (actor.role === 'DOCTOR') return doctorId === actor.doctorId ? (ownUrl ?? doctorUrl) : undefined;
  return worksAtFrontDesk(actor as Actor, clinicId) ? ownUrl : undefined;
}

/** The appointment without the fields that the reader must not see: patients get no staff notes. */
export function viewFor({ role }: Pick<Actor, 'role'>, appointment: AppointmentView): AppointmentView {
  if (role !== 'CLIENT') return appointment;
  const { staffNotes: _, ...view } = appointment;
  return view;
}
