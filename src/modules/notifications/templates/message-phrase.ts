import type { NotificationKind } from './message-kinds.js';
import type { TemplateFacts } from './template-facts.js';
import type { Phrase } from './words.js';

/** What a message about a moved appointment says has changed. */
export type Change = 'newDoctor' | 'newTime' | 'newPlace';

export function findChanges(kind: NotificationKind, facts: TemplateFacts): Change[] {
  if (kind !== 'APPOINTMENT_MOVED') return [];
  const { previousStart, previousDoctorName, previousRooms } = facts;
  const changes: Change[] = [];
  if (previousDoctorName !== undefined) changes.push('newDoctor');
  if (previousStart !== undefined) changes.push('newTime');
  if (previousRooms !== undefined) changes.push('newPlace');
  return changes;
}

/** The kinds of messages that can be about several appointments. */
const OF_SERIES: Partial<Record<NotificationKind, Phrase>> = {
  APPOINTMENT_BOOKED: 'SERIES_BOOKED',
  APPOINTMENT_MOVED: 'SERIES_MOVED',
  APPOINTMENT_CANCELLED: 'SERIES_CANCELLED',
};

/** The sentences of a message: some kinds have others for a series, for a request and for a change of more than the time. */
export function findPhrase(kind: NotificationKind, { status, together }: TemplateFacts, changes: Change[]): Phrase {
  if (kind === 'APPOINTMENT_BOOKED' && together && status === 'PENDING') return 'SERIES_REQUESTED';
  const ofSeries = together && OF_SERIES[kind];
  if (ofSeries) return ofSeries;
  if (kind === 'APPOINTMENT_BOOKED' && status === 'PENDING') return 'APPOINTMENT_REQUESTED';
  const isOnlyNewTime = changes.every((change) => change === 'newTime');
  return kind === 'APPOINTMENT_MOVED' && !isOnlyNewTime ? 'APPOINTMENT_CHANGED' : kind;
}
