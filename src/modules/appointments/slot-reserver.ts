import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { inProgress } from '../../core/http/idempotency-keys.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { OutdatedRules } from '../scheduling/index.js';
import { holdExpired, tooManyHolds, tooManyUpcoming } from './appointment.errors.js';
import type { Refusal } from './booking-batches.js';
import { primaryConflict, type RequestedSlot } from './requested-slot.js';
import { MAX_PICKS, ResourcePicker } from './resource-picker.js';

/** The rooms, equipment and seat that were picked for a slot. `groupId` and `seat` are null for a visit of one patient. */
export interface PickedSlot {
  resourceIds: string[];
  groupId: string | null;
  seat: number | null;
}

/** Writes an appointment or a hold with what was picked. @returns why nothing was written; null if it is written */
type Write = (picked: PickedSlot) => Promise<Refusal | null>;

/** Who reserves a slot. */
interface Owner {
  /** The id of the appointment or hold. */
  id: string;
  /** Null for a hold without a patient. */
  clientId: string | null;
}

/** Picks rooms, equipment and a seat for a slot, and repeats that if others reserve them before they are written. */
@Injectable()
export class SlotReserver {
  constructor(
    private readonly db: Database,
    private readonly picker: ResourcePicker,
  ) {}

  /** @throws DomainError APPOINTMENT_CONFLICT with up to three other times, and the errors of the other refusals */
  reserve(slot: RequestedSlot, owner: Owner, write: Write): Promise<PickedSlot> {
    return slot.rules.isGroup ? this.reserveSeat(slot, owner, write) : this.reserveVisit(slot, owner, write);
  }

  /** Reserves a visit of one patient. */
  private async reserveVisit(slot: RequestedSlot, { clientId }: Owner, write: Write): Promise<PickedSlot> {
    const lostIds: string[] = [];
    for (let attempt = 1; attempt <= MAX_PICKS; attempt += 1) {
      const resourceIds = await this.picker.pickResources(slot, clientId, { lostIds });
      const picked = { resourceIds, groupId: null, seat: null };
      const refusal = await write(picked);
      if (!refusal) return picked;
      if (refusal.reason !== 'CONFLICT') throw errorFor(refusal, slot);
      lostIds.push(...(await this.picker.getReplaceable(refusal.conflicts, slot, clientId)));
    }
    throw await this.picker.conflict('RESOURCE', slot, clientId);
  }

  /** Reserves a seat in a group session. The first seat picks the session's rooms, the others share them. */
  private reserveSeat(slot: RequestedSlot, { id, clientId }: Owner, write: Write): Promise<PickedSlot> {
    return this.db.transaction(async () => {
      const groupId = slot.rules.groupId(slot.doctorId, slot.start) ?? id;
      const seat = await this.picker.takeSeat(groupId, slot, { id, clientId });
      const resourceIds = seat.resourceIds ?? (await this.picker.pickResources(slot, clientId));
      const picked = { resourceIds, groupId, seat: seat.number };
      const refusal = await write(picked);
      if (!refusal) return picked;
      if (refusal.reason !== 'CONFLICT') throw errorFor(refusal, slot);
      throw await this.picker.conflict(primaryConflict(refusal.conflicts), slot, clientId);
    });
  }
}

/** The error of a refusal that other rooms cannot solve. */
export function errorFor({ reason }: Exclude<Refusal, { reason: 'CONFLICT' }>, { rules }: RequestedSlot): Error {
  switch (reason) {
    case 'OUTDATED_RULES':
      return new OutdatedRules();
    case 'KEY_USED':
      return inProgress();
    case 'UNKNOWN_PATIENT':
      return notFound();
    case 'TOO_MANY_UPCOMING':
      return tooManyUpcoming(rules.row.maxUpcomingPerClient ?? 0);
    case 'TOO_MANY_HOLDS':
      return tooManyHolds();
    case 'HOLD_EXPIRED':
      return holdExpired();
  }
}
