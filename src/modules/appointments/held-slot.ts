import type { Actor } from '../../core/kernel/actor.js';
import { BusyTimes, type BookingRules } from '../scheduling/index.js';
import { holdExpired } from './appointment.errors.js';
import type { Hold } from './hold.entity.js';
import { resolveSlot, whyNotBookable, type RequestedSlot } from './requested-slot.js';

const NOTHING_BUSY = new BusyTimes(new Map());

/**
 * The slot of a hold, by the rules of now. Notice and horizon were checked when the time was held.
 * @throws DomainError HOLD_EXPIRED (CLOSED) if the doctor, a room or a piece of equipment is not available at this time any more
 */
export function resolveHeldSlot(actor: Pick<Actor, 'role'>, rules: BookingRules, hold: Hold): RequestedSlot {
  const slot = isOpen(rules, hold) && resolveSlot(actor, rules, toRequest(hold));
  if (!slot) throw holdExpired('CLOSED');
  return slot;
}

/** Whether the rules still allow a visit at the held time. */
export function isOpen(rules: BookingRules, hold: Hold): boolean {
  if (!rules.doctor(hold.doctorId)) return false;
  const slot = resolveSlot({ role: 'CLIENT' }, rules, toRequest(hold));
  const held = slot.rules.withDuration(hold.plannedMinutes).withOverride();
  if (whyNotBookable({ ...slot, rules: held }, hold.createdAt.getTime())) return false;
  const { resourceIds } = hold;
  const open = held.pickResources(slot.start, resourceIds, NOTHING_BUSY);
  if (!open) return false;
  // A service that needs fewer rooms than it did may keep what it has.
  return open.length < resourceIds.length || resourceIds.every((id) => open.includes(id));
}

const toRequest = ({ doctorId, startAt }: Hold): { doctorId: string; startDateTime: string } => ({
  doctorId,
  startDateTime: startAt.toISOString(),
});
