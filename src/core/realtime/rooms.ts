import type { Actor } from '../kernel/actor.js';

/** The room of users who see every clinic. */
const EVERY_CLINIC = 'clinic:*';

export const userRoom = (userId: string): string => `user:${userId}`;
export const doctorRoom = (doctorId: string): string => `doctor:${doctorId}`;
/** The rooms that get a clinic's events. */
export const clinicRooms = (clinicId: string): string[] => [`clinic:${clinicId}`, EVERY_CLINIC];
/** The room of all sockets of a user, including those that are not live yet; gets no events. */
export const socketsRoom = (userId: string): string => `sockets:${userId}`;
/** The room of all sockets of a session; gets no events. */
export const sessionRoom = (sessionId: string): string => `session:${sessionId}`;

/**
 * The rooms of a user, derived from the token; clients cannot choose rooms. Doctors see only their own appointments, so they are
 * not in the clinic's room.
 */
export function getRooms({ role, userId, doctorId, clinicIds }: Actor): string[] {
  switch (role) {
    case 'ADMIN':
      return [userRoom(userId), EVERY_CLINIC];
    case 'DOCTOR':
      return doctorId ? [userRoom(userId), doctorRoom(doctorId)] : [userRoom(userId)];
    case 'STAFF':
    case 'MANAGER':
      return [userRoom(userId), ...clinicIds.map((id) => `clinic:${id}`)];
    case 'CLIENT':
      return [userRoom(userId)];
  }
}
