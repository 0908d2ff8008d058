import { worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';

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
