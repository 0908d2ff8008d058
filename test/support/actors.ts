import type { Actor, Role } from '../../src/core/kernel/actor.js';

/** A signed-in user; staff and doctors work at the clinic `clinic`. */
export const actor = (role: Role, fields: Partial<Actor> = {}): Actor => ({
  userId: 'user',
  sessionId: 'session',
  role,
  clientId: role === 'CLIENT' ? 'patient' : null,
  doctorId: role === 'DOCTOR' ? 'a' : null,
  clinicIds: role === 'CLIENT' || role === 'ADMIN' ? [] : ['clinic'],
  ...fields,
});
