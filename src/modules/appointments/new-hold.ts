import type { HoldView } from './holds.dto.js';
import type { NewHold } from './holds.repository.js';
import { reservationsFor } from './requested-slot.js';
import type { ReservedSlot } from './slot-reserver.js';

/** The hold of a reserved slot. Who makes it and which limits apply is up to the caller. */
export function newHold(
  { slot, resourceIds, groupId, seat }: ReservedSlot,
  { id, clientId, createdAt, expiresAt }: { id: string; clientId: string | null; createdAt: Date; expiresAt: Date },
): Omit<NewHold, 'limits' | 'maxHolds' | 'holder'> {
  const { row } = slot.rules;
  const { start, end } = slot.rules.visit(slot.start);
  const hold: HoldView = {
    id,
    clientId,
    expiresAt,
    clinicId: row.clinicId,
    doctorId: slot.doctorId,
    serviceId: row.serviceId,
    resourceIds,
    startDateTime: new Date(start),
    endDateTime: new Date(end),
  };
  return {
    hold,
    groupId,
    seat,
    reservations: reservationsFor(slot, { id, clientId, groupId, resourceIds }),
    revision: row.revision,
    timeZone: row.timeZone,
    createdAt,
  };
}
