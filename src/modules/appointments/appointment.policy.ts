import { isDeskOf, type Actor } from '../../core/security/actor.js';

interface Record {
  clinicId: string;
  clientId: string;
  doctorId: string;
}

/** Its patient, its doctor, and the desk of its clinic. */
export function maySee(actor: Actor, appointment: Record): boolean {
  switch (actor.role) {
    case 'CLIENT':
      return appointment.clientId === actor.clientId;
    case 'DOCTOR':
      return appointment.doctorId === actor.doctorId;
    default:
      return isDeskOf(actor, appointment.clinicId);
  }
}
