import type { ChangeLog } from '../../core/changes/change-log.js';
import type { AppointmentView } from './appointments.dto.js';

/**
 * The event that asks for one message to a patient about appointments that were booked, moved or cancelled together. The events of these
 * appointments have `isTogether` and lead to no message of their own.
 */
export const VISITS_MESSAGE_EVENT = 'visits:message-requested';

export interface VisitsMessage {
  action: 'booked' | 'rescheduled' | 'cancelled';
  /** With their versions after the change; the earliest one first. */
  visits: { id: string; version: number }[];
}

type ChangedVisit = Pick<AppointmentView, 'id' | 'clinicId' | 'version' | 'startDateTime'>;

/** Asks for the message, in the transaction of the changes and after them. Without visits, there is no message. */
export async function requestVisitsMessage(
  changes: ChangeLog,
  action: VisitsMessage['action'],
  changed: readonly ChangedVisit[],
): Promise<void> {
  const sorted = [...changed].sort((a, b) => a.startDateTime.getTime() - b.startDateTime.getTime());
  const [first] = sorted;
  if (!first) return;
  const payload: VisitsMessage = { action, visits: sorted.map(({ id, version }) => ({ id, version })) };
  await changes.publish({
    event: VISITS_MESSAGE_EVENT,
    aggregate_id: first.id,
    clinic_id: first.clinicId,
    payload,
  });
}
