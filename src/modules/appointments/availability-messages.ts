import { Zone } from '../../core/kernel/zone.js';
import { toSocketMessage, type OutboxEvent, type SocketMessage } from '../../core/outbox/outbox-event.js';
import { clinicRooms, doctorRoom } from '../../core/realtime/rooms.js';
import type { Range } from '../scheduling/index.js';

/** A range of a doctor that was reserved or freed, buffers included. */
export interface ChangedTime {
  doctorId: string;
  during: Range;
}

/** One message for each doctor and local day whose free times changed. */
export function toAvailabilityMessages(
  event: OutboxEvent,
  { clinicId, timeZone }: { clinicId: string; timeZone: string },
  changed: readonly ChangedTime[],
): SocketMessage[] {
  const zone = Zone.of(timeZone);
  const days = new Map<string, { doctorId: string; date: string }>();
  for (const { doctorId, during } of changed) {
    for (const date of zone.daysBetween(during.start, during.end)) days.set(`${doctorId} ${date}`, { doctorId, date });
  }
  return [...days].map(([key, data]) => {
    const rooms = [doctorRoom(data.doctorId), ...clinicRooms(clinicId)];
    return toSocketMessage(event, { rooms, event: 'availability:changed', data, key });
  });
}
