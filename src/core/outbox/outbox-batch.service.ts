import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { currentContext, runInContext } from '../context/request-context.js';
import { isUnavailable } from '../kernel/domain-error.js';
import { LOGGER } from '../logging/logger.js';
import { OutboxConsumers } from './outbox-consumers.js';
import {
  countPositions,
  toPositionedMessages,
  type MessageBatch,
  type PositionedMessage,
  type SocketMessage,
} from './outbox-event.js';
import type { OutboxRow } from './outbox.repository.js';
import { startBatchSpan } from '../changes/event-traces.js';
import { RelayDatabase } from './relay-database.js';
import { RelayRepository, type HandledRow } from './relay.repository.js';

const BATCH_ROWS = 100;
const MAX_ATTEMPTS = 10;
const FIRST_RETRY_SECONDS = 1;
const MAX_RETRY_SECONDS = 300;
const HANDLER_MILLISECONDS = 5_000;

export interface HandledBatch extends MessageBatch {
  /** The insertion numbers of the rows. */
  sequences: string[];
}

/** Rows whose effects are done, with their messages by row id. */
interface ProcessedRows {
  rows: OutboxRow[];
  messages: Map<string, SocketMessage[]>;
}

/** Thrown if a handler does not end in time: it would block the transaction and all other rows. */
class HandlerTimeout extends Error {
  constructor(readonly rows: OutboxRow[]) {
    super(`a handler of ${[...new Set(rows.map(({ name }) => name))].join(', ')} did not end in time`);
    this.name = 'HandlerTimeout';
  }
}

/** Processes a batch of rows in one transaction: runs the effects and assigns positions. */
@Injectable()
export class OutboxBatchService {
  constructor(
    private readonly db: RelayDatabase,
    private readonly outbox: RelayRepository,
    private readonly consumers: OutboxConsumers,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Processes a batch together, without savepoints. If a handler fails, rolls back and processes the rows one by one.
   * @param delivered rows of earlier batches that were emitted to sockets; the transaction marks them as published
   * @returns the messages to emit, in order; null while another process holds the lease
   */
  async handle(holder: string, delivered: string[]): Promise<HandledBatch | null> {
    try {
      return await this.withLease(holder, delivered, (rows) => this.processTogether(rows)).catch((error: unknown) => {
        if (isUnavailable(error) || error instanceof HandlerTimeout) throw error;
        return this.withLease(holder, delivered, (rows) => this.processOneByOne(rows));
      });
    } catch (error) {
      if (error instanceof HandlerTimeout) await this.handleTimeout(error);
      throw error;
    }
  }

  private withLease(
    holder: string,
    delivered: string[],
    work: (rows: OutboxRow[]) => Promise<ProcessedRows>,
  ): Promise<HandledBatch | null> {
    // What the effects do after the commit, such as to enqueue jobs, runs in this context.
    const context = { ...currentContext() };
    return runInContext(context, () =>
      this.db.transaction(async () => {
        const last = await this.outbox.acquireLease(holder, delivered);
        if (last === null) return null;
        const rows = await this.outbox.findDue(BATCH_ROWS);
        context.span = currentContext().span = startBatchSpan(rows);
        return this.assignPositions(holder, last, await work(rows));
      }),
    ).finally(() => context.span?.end());
  }

  private async processTogether(rows: OutboxRow[]): Promise<ProcessedRows> {
    if (rows.some(({ lastError }) => lastError === HandlerTimeout.name)) return this.processOneByOne(rows);
    const messages = await this.consumers.toMessages(rows);
    await this.doEffects(rows, messages);
    return { rows, messages };
  }

  private async processOneByOne(rows: OutboxRow[]): Promise<ProcessedRows> {
    const messages = await this.toMessages(rows);
    const done: OutboxRow[] = [];
    const blockedAggregates = new Set<string>();
    for (const row of rows) {
      if (blockedAggregates.has(row.aggregateId)) continue;
      const error = messages.errors.get(row.id) ?? (await this.tryEffects(row, messages.byRow));
      if (error === undefined) done.push(row);
      else {
        blockedAggregates.add(row.aggregateId);
        await this.fail(row, error);
      }
    }
    return { rows: done, messages: messages.byRow };
  }

  private async toMessages(rows: OutboxRow[]): Promise<{
    byRow: Map<string, SocketMessage[]>;
    errors: Map<string, unknown>;
  }> {
    const all = await this.db.attempt(() => this.consumers.toMessages(rows));
    if ('value' in all) return { byRow: all.value, errors: new Map() };
    const byRow = new Map<string, SocketMessage[]>();
    const errors = new Map<string, unknown>();
    for (const row of rows) {
      const one = await this.db.attempt(() => this.consumers.toMessages([row]));
      if ('value' in one) byRow.set(row.id, one.value.get(row.id) ?? []);
      else errors.set(row.id, one.error);
    }
    return { byRow, errors };
  }

  /** Runs the effects of new rows. The effects of rows with a position are already done. */
  private async doEffects(rows: OutboxRow[], messages: ReadonlyMap<string, SocketMessage[]>): Promise<void> {
    const fresh = rows.filter(({ position, name }) => position === null && this.consumers.hasEffects(name));
    if (fresh.length > 0) await withTimeout(fresh, this.consumers.doEffects(fresh, messages));
  }

  /** @returns the error, or undefined if there was none */
  private async tryEffects(row: OutboxRow, messages: ReadonlyMap<string, SocketMessage[]>): Promise<unknown> {
    const result = await this.db.attempt(() => this.doEffects([row], messages));
    if (!('error' in result)) return undefined;
    if (result.error instanceof HandlerTimeout) throw result.error;
    return result.error ?? new Error('a handler failed without an error');
  }

  /** Records the failure of a single row. For several rows, makes the next holder of the lease process them one by one. */
  private async handleTimeout(error: HandlerTimeout): Promise<void> {
    const [row] = error.rows;
    if (row && error.rows.length === 1) return this.fail(row, error);
    await this.outbox.storeBatchError(
      error.rows.map(({ sequence }) => sequence),
      HandlerTimeout.name,
    );
  }

  /**
   * Assigns positions to the rows that have none, and stores them. The other rows had their effects in an earlier batch, but may
   * not have been emitted: they keep their positions.
   * @param last the last assigned position
   */
  private async assignPositions(
    holder: string,
    last: number,
    { rows, messages: byRow }: ProcessedRows,
  ): Promise<HandledBatch> {
    const handled: HandledRow[] = [];
    const messages: PositionedMessage[] = [];
    let position = last;
    // The position before the first message of the batch.
    let after = last;
    for (const row of rows) {
      const own = byRow.get(row.id) ?? [];
      if (row.position !== null) {
        after = Math.min(after, row.position - countPositions(row.messageCount));
        messages.push(...toPositionedMessages(row, own));
        continue;
      }
      position += countPositions(own.length);
      messages.push(...toPositionedMessages({ position, messageCount: own.length }, own));
      const rooms = [...new Set(own.flatMap((message) => message.rooms))];
      handled.push({ sequence: row.sequence, position, messageCount: own.length, rooms });
    }
    if (rows.length > 0) await this.outbox.markHandled(holder, handled, position);
    return {
      sequences: rows.map(({ sequence }) => sequence),
      messages,
      after,
      upTo: position,
      isRepeated: after < last,
    };
  }

  private async fail(row: OutboxRow, error: unknown): Promise<void> {
    const backoff = Math.min(FIRST_RETRY_SECONDS * 2 ** row.attempts, MAX_RETRY_SECONDS);
    const retryInSeconds = backoff * (0.5 + Math.random() / 2);
    const parked = await this.outbox.markFailed(row.sequence, retryInSeconds, toErrorName(error), MAX_ATTEMPTS);
    const about = { err: error, outboxId: row.id, event: row.name, attempts: row.attempts + 1 };
    if (parked) this.logger.error(about, 'an outbox row failed too often and is parked');
    else this.logger.warn(about, 'an outbox row failed and will be retried');
  }
}

function withTimeout(rows: OutboxRow[], work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const hung = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HandlerTimeout(rows)), HANDLER_MILLISECONDS);
  });
  return Promise.race([work, hung]).finally(() => clearTimeout(timer));
}

/** The class and code of an error. Not the message: it may contain data. */
function toErrorName(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code !== error.name ? `${error.name} ${code}` : error.name;
}
