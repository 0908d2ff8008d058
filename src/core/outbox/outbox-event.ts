import { v5 } from 'uuid';

/** A committed outbox row, as those who listen get it. */
export interface OutboxEvent {
  /** Stays the same however often the row is delivered. */
  id: string;
  name: string;
  aggregateId: string;
  clinicId: string | null;
  payload: Readonly<Record<string, unknown>>;
  occurredAt: Date;
}

/** One event for sockets. A row may give several, each to other rooms. */
export interface SocketMessage {
  /** The outbox row it comes from; that of `eventId` where it is left out. */
  rowId?: string;
  rooms: string[];
  event: string;
  data: unknown;
  /** Stable, so that a client can drop what it has had already. */
  eventId: string;
  occurredAt: Date;
}

/** A message with its place in the one order of all messages: what a client gives to `sync`. */
export interface PlacedMessage extends SocketMessage {
  sequence: number;
}

/** Messages of successive rows: all that there is after one position, up to another. */
export interface PlacedBatch {
  after: number;
  upTo: number;
  messages: PlacedMessage[];
  /** Some rows had their positions before: the process that placed them died, or their messages could not be made. */
  isRepeated: boolean;
}

export interface MessageContent {
  rooms: string[];
  /** The row's own name where it is left out. */
  event?: string;
  data: unknown;
  /** Tells the derived messages of one row apart, such as the day they are of. The main message has none. */
  key?: string;
}

/** A socket message of a row. Its id follows from the row, so that delivering twice gives the same id twice. */
export function messageOf(row: OutboxEvent, { rooms, event = row.name, data, key }: MessageContent): SocketMessage {
  const eventId = key === undefined ? row.id : v5(`${event} ${key}`, row.id);
  return { rowId: row.id, rooms, event, data, eventId, occurredAt: row.occurredAt };
}

export const rowOf = ({ rowId, eventId }: SocketMessage): string => rowId ?? eventId;
