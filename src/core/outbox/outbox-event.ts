import { v5 } from 'uuid';

/** A committed outbox row, as consumers get it. */
export interface OutboxEvent {
  /** The same for every delivery of the row. */
  id: string;
  name: string;
  aggregateId: string;
  clinicId: string | null;
  payload: Readonly<Record<string, unknown>>;
  occurredAt: Date;
}

/** One event for sockets. A row may result in several, for different rooms. */
export interface SocketMessage {
  /** The id of the outbox row. Default: `eventId`. */
  rowId?: string;
  rooms: string[];
  event: string;
  data: unknown;
  /** Stable, so that clients can ignore duplicates. */
  eventId: string;
  occurredAt: Date;
}

/** A row with its socket messages. */
export interface PublishedEvent {
  event: OutboxEvent;
  messages: SocketMessage[];
}

/** A message with its position in the order of all messages. The API calls it `sequence`: in `meta` and in `sync`. */
export interface PositionedMessage extends SocketMessage {
  position: number;
}

/** All messages after one position, up to another. */
export interface MessageBatch {
  after: number;
  upTo: number;
  messages: PositionedMessage[];
  /** Whether some rows already had positions: their process died before it emitted them, or creating their messages failed. */
  isRepeated: boolean;
}

export interface MessageContent {
  rooms: string[];
  /** Default: the row's name. */
  event?: string;
  data: unknown;
  /** Distinguishes the derived messages of one row, such as by day. Absent for the main message. */
  key?: string;
}

/** Creates a socket message of a row. Its id is derived from the row, so that repeated deliveries have the same id. */
export function toSocketMessage(
  row: OutboxEvent,
  { rooms, event = row.name, data, key }: MessageContent,
): SocketMessage {
  const eventId = key === undefined ? row.id : v5(`${event} ${key}`, row.id);
  return { rowId: row.id, rooms, event, data, eventId, occurredAt: row.occurredAt };
}

/** A row without messages takes a position too: positions of rows are unique. */
export const countPositions = (messageCount: number): number => Math.max(messageCount, 1);

/**
 * Assigns a position to each message; the last one gets the row's position. If there are more messages than when that was
 * assigned, the additional ones get it too; if there are fewer, the last positions are not used.
 */
export function toPositionedMessages(
  { position, messageCount }: { position: number | null; messageCount: number },
  messages: SocketMessage[],
): PositionedMessage[] {
  const last = position ?? 0;
  const first = last - countPositions(messageCount) + 1;
  return messages.map((message, index) => ({ ...message, position: Math.min(first + index, last) }));
}
