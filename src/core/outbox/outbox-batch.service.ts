import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { isUnavailable } from '../kernel/domain-error.js';
import { LOGGER } from '../logging/logger.js';
import { OutboxConsumers } from './outbox-consumers.js';
import type { PlacedBatch, PlacedMessage, SocketMessage } from './outbox-event.js';
import type { OutboxRow } from './outbox.repository.js';
import { RelayDatabase } from './relay-database.js';
import { RelayRepository, type HandledRow } from './relay.repository.js';

const BATCH_ROWS = 100;
const MOST_ATTEMPTS = 10;
const FIRST_RETRY_SECONDS = 1;
const LONGEST_RETRY_SECONDS = 300;
const HANDLER_MILLISECONDS = 5_000;

export interface HandledBatch extends PlacedBatch {
  /** Of the rows. */
  sequences: string[];
}

/** Rows whose effects are done, with the messages of each by its id. */
interface DoneRows {
  rows: OutboxRow[];
  messages: Map<string, SocketMessage[]>;
}

/** A handler that never ends would hold the transaction, and with it every other row. */
class HandlerHung extends Error {
  constructor(readonly rows: OutboxRow[]) {
    super(`a handler of ${[...new Set(rows.map(({ name }) => name))].join(', ')} did not end`);
    this.name = 'HandlerHung';
  }
}

/** Does the effects of a batch of rows and gives them their places, in one transaction. */
@Injectable()
export class OutboxBatchService {
  constructor(
    private readonly db: RelayDatabase,
    private readonly outbox: RelayRepository,
    private readonly consumers: OutboxConsumers,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * A batch whose handlers all succeed costs no savepoint. Where one fails, all is rolled back and done again row by row.
   * @param delivered rows of earlier batches that are with the sockets now; the transaction marks them as published
   * @returns what is now to be emitted, in order; null while another process has the turn
   */
  async handle(holder: string, delivered: string[]): Promise<HandledBatch | null> {
    try {
      return await this.inTurn(holder, delivered, (rows) => this.together(rows)).catch((error: unknown) => {
        if (isUnavailable(error) || error instanceof HandlerHung) throw error;
        return this.inTurn(holder, delivered, (rows) => this.oneByOne(rows));
      });
    } catch (error) {
      if (error instanceof HandlerHung) await this.hung(error);
      throw error;
    }
  }

  private inTurn(
    holder: string,
    delivered: string[],
    work: (rows: OutboxRow[]) => Promise<DoneRows>,
  ): Promise<HandledBatch | null> {
    return this.db.transaction(async () => {
      const last = await this.outbox.takeTurn(holder, delivered);
      if (last === null) return null;
      const rows = await this.outbox.pending(BATCH_ROWS);
      return this.place(holder, last, await work(rows));
    });
  }

  private async together(rows: OutboxRow[]): Promise<DoneRows> {
    if (rows.some(({ lastError }) => lastError === HandlerHung.name)) return this.oneByOne(rows);
    const messages = await this.consumers.messagesOf(rows);
    await this.doEffects(rows);
    return { rows, messages };
  }

  private async oneByOne(rows: OutboxRow[]): Promise<DoneRows> {
    const messages = await this.messagesOf(rows);
    const done: OutboxRow[] = [];
    const heldBack = new Set<string>();
    for (const row of rows) {
      if (heldBack.has(row.aggregateId)) continue;
      const error = messages.errors.get(row.id) ?? (await this.tryEffects(row));
      if (error === undefined) done.push(row);
      else {
        heldBack.add(row.aggregateId);
        await this.fail(row, error);
      }
    }
    return { rows: done, messages: messages.byRow };
  }

  private async messagesOf(rows: OutboxRow[]): Promise<{
    byRow: Map<string, SocketMessage[]>;
    errors: Map<string, unknown>;
  }> {
    const all = await this.db.attempt(() => this.consumers.messagesOf(rows));
    if ('value' in all) return { byRow: all.value, errors: new Map() };
    const byRow = new Map<string, SocketMessage[]>();
    const errors = new Map<string, unknown>();
    for (const row of rows) {
      const one = await this.db.attempt(() => this.consumers.messagesOf([row]));
      if ('value' in one) byRow.set(row.id, one.value.get(row.id) ?? []);
      else errors.set(row.id, one.error);
    }
    return { byRow, errors };
  }

  /** A row with a position had its effects before. */
  private async doEffects(rows: OutboxRow[]): Promise<void> {
    const fresh = rows.filter(({ position, name }) => position === null && this.consumers.hasEffects(name));
    if (fresh.length > 0) await inTime(fresh, this.consumers.doEffects(fresh));
  }

  /** @returns the error, or undefined if there was none */
  private async tryEffects(row: OutboxRow): Promise<unknown> {
    const result = await this.db.attempt(() => this.doEffects([row]));
    if (!('error' in result)) return undefined;
    if (result.error instanceof HandlerHung) throw result.error;
    return result.error ?? new Error('a handler threw nothing');
  }

  /** Whichever process has the next turn takes the rows of a batch one by one, to find out which of them it was. */
  private async hung(error: HandlerHung): Promise<void> {
    const [row] = error.rows;
    if (row && error.rows.length === 1) return this.fail(row, error);
    await this.outbox.suspect(
      error.rows.map(({ sequence }) => sequence),
      HandlerHung.name,
    );
  }

  private async place(holder: string, last: number, { rows, messages: byRow }: DoneRows): Promise<HandledBatch> {
    const handled: HandledRow[] = [];
    const messages: PlacedMessage[] = [];
    let position = last;
    let after = last;
    for (const row of rows) {
      const own = byRow.get(row.id) ?? [];
      if (row.position !== null) {
        after = Math.min(after, row.position - Math.max(row.messageCount, 1));
        messages.push(...placedMessages(row, own));
        continue;
      }
      position += Math.max(own.length, 1);
      messages.push(...placedMessages({ position, messageCount: own.length }, own));
      const rooms = [...new Set(own.flatMap((message) => message.rooms))];
      handled.push({ sequence: row.sequence, position, messageCount: own.length, rooms });
    }
    if (rows.length > 0) await this.outbox.handled(holder, handled, position);
    return {
      sequences: rows.map(({ sequence }) => sequence),
      messages,
      after,
      upTo: position,
      isRepeated: after < last,
    };
  }

  private async fail(row: OutboxRow, error: unknown): Promise<void> {
    const backoff = Math.min(FIRST_RETRY_SECONDS * 2 ** row.attempts, LONGEST_RETRY_SECONDS);
    const retryInSeconds = backoff * (0.5 + Math.random() / 2);
    const parked = await this.outbox.failed(row.sequence, retryInSeconds, nameOf(error), MOST_ATTEMPTS);
    const about = { err: error, outboxId: row.id, event: row.name, attempts: row.attempts + 1 };
    if (parked) this.logger.error(about, 'an outbox row failed too often and is parked');
    else this.logger.warn(about, 'an outbox row failed and is tried again');
  }
}

/** Each message its own sequence; the last one's is the row's position. */
export function placedMessages(
  { position, messageCount }: Pick<OutboxRow, 'position' | 'messageCount'>,
  messages: SocketMessage[],
): PlacedMessage[] {
  const last = position ?? 0;
  const first = last - Math.max(messageCount, 1) + 1;
  return messages.map((message, index) => ({ ...message, sequence: Math.min(first + index, last) }));
}

function inTime(rows: OutboxRow[], work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const hung = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HandlerHung(rows)), HANDLER_MILLISECONDS);
  });
  return Promise.race([work, hung]).finally(() => clearTimeout(timer));
}

/** A class and a code, never a message: those may hold data. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code !== error.name ? `${error.name} ${code}` : error.name;
}
