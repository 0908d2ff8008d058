import type { Actor } from '../../../core/kernel/actor.js';
import { NIL_ID } from '../../../core/kernel/id.js';

/** The patient whose data is migrated, for services that act for the caller. Audit rows still name the administrator. */
export const patientActor = (userId: string, clientId: string | null): Actor => ({
  userId,
  sessionId: NIL_ID,
  role: 'CLIENT',
  clientId,
  doctorId: null,
  clinicIds: [],
});
