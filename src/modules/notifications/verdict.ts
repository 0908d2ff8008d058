import { Zone } from '../../core/kernel/zone.js';
import type { FactsOfAppointment } from '../appointments/index.js';
import type { Delivery, Ending } from './deliveries.repository.js';
import { NotRendered } from './messages.js';
import { afterFailure, isUnwanted, MOST_ATTEMPTS, staleReason, waitsUntil } from './notifications.rules.js';

/** The appointment is as the recipient knows it. */
export const NOTHING_NEW: Ending = { state: 'SKIPPED', reason: 'NOTHING_NEW' };

/** Why a message that is due does not go out now; null: it does. */
export function verdictOn(delivery: Delivery, appointment: FactsOfAppointment | undefined): Ending | null {
  const { attempts, channel, kind, preferences } = delivery;
  if (delivery.recipientGone) return { state: 'SKIPPED', reason: 'RECIPIENT_GONE' };
  if (attempts > MOST_ATTEMPTS) return { state: 'FAILED', reason: 'TOO_MANY_ATTEMPTS' };
  if (kind === 'EMAIL_VERIFICATION') return delivery.isLinkOpen ? null : { state: 'SKIPPED', reason: 'LINK_OVER' };
  if (!delivery.isTrusted && (channel === 'EMAIL' || channel === 'SMS')) {
    return { state: 'SKIPPED', reason: 'ADDRESS_NOT_VERIFIED' };
  }
  const now = delivery.now.getTime();
  const stale = staleReason(delivery, appointment, now);
  if (stale) return { state: 'SKIPPED', reason: stale };
  if (delivery.overtaken) return { state: 'SKIPPED', reason: 'OVERTAKEN' };
  if (isUnwanted(preferences, kind, channel)) return { state: 'SKIPPED', reason: 'UNWANTED' };
  const zone = Zone.of(Zone.isValid(delivery.timeZone) ? delivery.timeZone : 'UTC');
  const visit = appointment?.startAt.getTime() ?? null;
  const until = waitsUntil(preferences, channel, zone, now, visit);
  return until === null ? null : { state: 'UNTRIED', until };
}

/** What becomes of a message that could not be handled. Words that fail once fail always: ops must look, and replay. */
export const afterError = ({ attempts }: Delivery, error: unknown): Ending =>
  error instanceof NotRendered ? { state: 'FAILED', reason: 'NOT_RENDERED' } : afterFailure(attempts, 'INTERNAL');
