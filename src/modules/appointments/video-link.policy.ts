import { worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';
import type { AppointmentParties } from './appointment.policy.js';

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
