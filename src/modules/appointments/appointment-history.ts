import type { Actor } from '../../core/kernel/actor.js';
import type { AppointmentHistoryView, ReplacedNoteView } from './appointment-history.dto.js';
import type { AppointmentNoteChange } from './appointment-note-change.entity.js';

/** The condition for the rows of `audit_log l` about changes of the appointment `$1`. */
export const IS_CHANGE = `l.object_type = 'appointment' AND l.object_id = $1 AND l.action <> 'appointment.read'`;

/** An entry of the history as it is read. */
export interface HistoryRow extends Omit<
  AppointmentHistoryView,
  'actor' | 'via' | 'overrideReason' | 'moveReason' | 'replacedNotes'
> {
  replacedNotes: { field: AppointmentNoteChange['field']; before: string | null; after: string | null }[];
  actorName: string | null;
}

/** The entry without the fields that the reader must not see: patients get neither staff notes nor the names of other people. */
export function entryFor(reader: Actor, { actorName, ...row }: HistoryRow): AppointmentHistoryView {
  const { actorUserId, actorRole, replacedNotes } = row;
  const isPatient = reader.role === 'CLIENT';
  const notes = replacedNotes.filter(
    (note): note is ReplacedNoteView =>
      note.field === 'notes' || note.field === 'staffNotes' || note.field === 'insuranceNote',
  );
  const getReason = (name: string): string | null =>
    isPatient ? null : (replacedNotes.find(({ field }) => field === name)?.after ?? null);
  const { via, staffNotes, ...changes } = row.changes ?? {};
  const name = isPatient && reader.userId !== actorUserId ? null : actorName || null;
  return {
    ...row,
    actor: actorUserId && actorRole ? { id: actorUserId, role: actorRole, name } : null,
    via: via === 'LINK' ? 'LINK' : null,
    changes: row.changes && { ...changes, ...(staffNotes !== undefined && !isPatient && { staffNotes }) },
    overrideReason: getReason('overrideReason'),
    moveReason: getReason('moveReason'),
    replacedNotes: isPatient ? notes.filter(({ field }) => field !== 'staffNotes') : notes,
  };
}
