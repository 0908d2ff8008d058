import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { DomainError, type ErrorCode } from '../kernel/domain-error.js';
import { LOGGER } from '../logging/logger.js';
import { placedMessages } from '../outbox/outbox-batch.service.js';
import { OutboxConsumers } from '../outbox/outbox-consumers.js';
import { OutboxRepository, type OutboxRow } from '../outbox/outbox.repository.js';
import type { PlacedMessage, SocketMessage } from '../outbox/outbox-event.js';
import { Lanes, SharedRead } from './crowd-control.js';
import { roomsOf } from './rooms.js';
import { SocketServer } from './socket-server.js';
import type { CareSlotSocket } from './socket-types.js';

/** Rows that are looked through, and rows that are sent again; beyond, reading everything by REST costs less. */
const MOST_SCANNED = 20_000;
const MOST_SENT = 1_000;
/** After a crash everybody comes back at once: requests need connections to the database, too. */
const READS_AT_ONCE = 3;

export type SyncAnswer = { sequence: number; count: number } | { code: ErrorCode | 'RESYNC'; sequence?: number };

/** Sends a client what it missed, in order, from the outbox: as the caller may read it now. */
@Injectable()
export class SyncService {
  private readonly positions: SharedRead<{ position: number; sweptPosition: number }>;
  private readonly lanes = new Lanes(READS_AT_ONCE);

  constructor(
    private readonly outbox: OutboxRepository,
    private readonly consumers: OutboxConsumers,
    private readonly server: SocketServer,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.positions = new SharedRead(() => this.outbox.positions());
  }

  /** @param last the sequence of the last event that the client saw; nothing from one that only asks where it stands */
  async sync(socket: CareSlotSocket, last: unknown): Promise<SyncAnswer> {
    const isNew = last === undefined || last === null;
    if (!isNew && !isSequence(last)) return { code: 'VALIDATION_ERROR' };
    try {
      return isNew ? await this.begin() : await this.resume(socket, last);
    } catch (error) {
      if (error instanceof DomainError) return { code: error.code };
      this.logger.error({ err: error }, 'sync failed');
      return { code: 'INTERNAL_ERROR' };
    }
  }

  private async begin(): Promise<SyncAnswer> {
    const { position } = await this.positions.get();
    return { sequence: position, count: 0 };
  }

  private async resume(socket: CareSlotSocket, last: number): Promise<SyncAnswer> {
    const { position, sweptPosition } = await this.positions.get();
    const resync: SyncAnswer = { code: 'RESYNC', sequence: position };
    if (last < sweptPosition || last > position || position - last > MOST_SCANNED) return resync;
    if (last === position) return { sequence: position, count: 0 };
    return this.lanes.run(async () => {
      const messages = socket.connected ? await this.missed(socket, last) : [];
      return messages ? { sequence: position, count: this.send(socket, messages) } : resync;
    });
  }

  /** @returns null where it is too much */
  private async missed(socket: CareSlotSocket, last: number): Promise<PlacedMessage[] | null> {
    const rows = await this.outbox.after(last, roomsOf(socket.data.actor), MOST_SCANNED, MOST_SENT + 1);
    if (rows.length > MOST_SENT) return null;
    const byRow = await this.consumers.messagesOf(rows);
    return rows.flatMap((row) => missedOf(row, byRow.get(row.id) ?? [], last));
  }

  /** The rooms are looked at again: they may have changed while we read, and so may the record. */
  private send(socket: CareSlotSocket, messages: PlacedMessage[]): number {
    const rooms = new Set(roomsOf(socket.data.actor));
    const own = messages.filter((message) => message.rooms.some((room) => rooms.has(room)));
    for (const message of own) this.server.emitTo(socket, message);
    return own.length;
  }
}

const isSequence = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/**
 * A client may have seen the first messages of a row and not the last. Where the row gives other messages today than it
 * did, all are sent: too many do no harm, for their ids are known.
 */
function missedOf(row: OutboxRow, messages: SocketMessage[], last: number): PlacedMessage[] {
  const placed = placedMessages(row, messages);
  return messages.length === row.messageCount ? placed.filter(({ sequence }) => sequence > last) : placed;
}
