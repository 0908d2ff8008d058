export class HistoryActorView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  /** @example STAFF */
  role: string;
  /** null if the reader must not know it: patients see no name but their own. @example Nour Said */
  name: string | null;
}

export class ReplacedNoteView {
  /** @example notes */
  field: 'notes' | 'staffNotes' | 'insuranceNote';
  before: string | null;
  after: string | null;
}

export class AppointmentHistoryView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  /** @example 2026-11-23T09:00:00.000Z */
  at: Date;
  /** @example appointment.rescheduled */
  action: string;
  /** Who made the change; null for the system. */
  actor: HistoryActorView | null;
  /** LINK: the actor used the link in a message. @example LINK */
  via: 'LINK' | null;
  /** The same as `actor.id`. */
  actorUserId: string | null;
  /** The same as `actor.role`. @example STAFF */
  actorRole: string | null;
  /** The scheduling fields that changed, each with its old and new value. */
  changes: Record<string, unknown> | null;
  /** Why the front desk overrode the hours; null for other changes and for patients. */
  overrideReason: string | null;
  /** Why the front desk moved the visit with others (`POST /appointments/bulk`); null for other changes and for patients. */
  moveReason: string | null;
  /** The notes that the change replaced. Patients see no staff notes. */
  replacedNotes: ReplacedNoteView[];
}
