import type { Actor } from '../security/actor.js';

/** The room of those who see every clinic. */
const EVERY_CLINIC = 'clinic:*';

export const userRoom = (userId: string): string => `user:${userId}`;
export const doctorRoom = (doctorId: string): string => `doctor:${doctorId}`;
/** Where an event of a clinic goes. */
export const clinicRooms = (clinicId: string): string[] => [`clinic:${clinicId}`, EVERY_CLINIC];
/** All sockets of one user, also those that are not live yet; no event goes there. */
export const socketsRoom = (userId: string): string => `sockets:${userId}`;
/** All sockets of one sign-in; no event goes there. */
export const sessionRoom = (sessionId: string): string => `session:${sessionId}`;

/**
 * The rooms of a caller, from the token alone; a client can ask for none. A doctor reads its own appointments and not the
 * clinic's, so it is not in the clinic's room.
 */
export function roomsOf({ role, userId, doctorId, clinicIds }: Actor): string[] {
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
