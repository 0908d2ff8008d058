import type { ApiKeyIdentity } from '../kernel/actor.js';

/** A change to be recorded. */
export interface Change {
  /** The id of the audit row, if another row refers to it. Default: a new id. */
  id?: string;
  /** The action, such as `appointment.booked`. */
  action: string;
  objectType: string;
  objectId: string;
  clinicId?: string | null;
  /** The complete record before and after; only keyed hashes are stored. */
  before?: object | null;
  after?: object | null;
  /** Fields that may be shown in a history. Never health data or free text. */
  changes?: Record<string, unknown>;
  /** Who made the change, if not the caller of the request (such as a user who just registered). */
  actor?: { userId: string | null; role: string; apiKey?: ApiKeyIdentity };
  /** The event for the outbox; texts in its payload must be encrypted. Null: no event. Default: the action with the object's id. */
  event?: { name: string; payload: object } | null;
}
