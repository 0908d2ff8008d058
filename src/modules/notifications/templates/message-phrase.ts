import type { NotificationKind } from './message-kinds.js';
import type { TemplateFacts } from './template-facts.js';
import type { Phrase } from './words.js';

/** What a message about a moved appointment says has changed. */
export type Change = 'newDoctor' | 'newTime' | 'newPlace';

export function findChanges(kind: NotificationKind, facts: TemplateFacts): Change[] {
  // A message about several appointments lists the changes of each.
  if (kind !== 'APPOINTMENT_MOVED' || facts.visits) return [];
  const { previousStart, previousDoctorName, previousRooms } = facts;
  const changes: Change[] = [];
  if (previousDoctorName !== undefined) changes.push('newDoctor');
  if (previousStart !== undefined) changes.push('newTime');
  if (previousRooms !== undefined) changes.push('newPlace');
  return changes;
}

/** The kinds of messages that can be about several appointments. */
const OF_SEVERAL: Partial<Record<NotificationKind, Phrase>> = {
  APPOINTMENT_BOOKED: 'VISITS_BOOKED',
  APPOINTMENT_MOVED: 'VISITS_MOVED',
  APPOINTMENT_CANCELLED: 'VISITS_CANCELLED',
};

/** The sentences of a message: some kinds have others for several appointments, for a request and for a change of more than the time. */
export function findPhrase(
  kind: NotificationKind,
  { status, visits, refund }: TemplateFacts,
  changes: Change[],
): Phrase {
  if (kind === 'PAYMENT_REFUNDED' && refund?.isTooLate) return 'PAYMENT_TOO_LATE';
  if (kind === 'APPOINTMENT_BOOKED' && visits && status === 'PENDING') return 'VISITS_REQUESTED';
  const ofSeveral = visits && OF_SEVERAL[kind];
  if (ofSeveral) return ofSeveral;
  if (kind === 'APPOINTMENT_BOOKED' && status === 'PENDING') return 'APPOINTMENT_REQUESTED';
  const isOnlyNewTime = changes.every((change) => change === 'newTime');
  return kind === 'APPOINTMENT_MOVED' && !isOnlyNewTime ? 'APPOINTMENT_CHANGED' : kind;
}
