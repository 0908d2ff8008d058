import { randomUUID, type KeyObject } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from 'pino';
import type { PlacedMessage } from '../outbox/outbox-event.js';
import { open, seal } from './sealed-text.js';

const STREAM = 'careslot:sockets';
const MESSAGES_PER_ENTRY = 50;
/** Some minutes of a busy day; a process that was away for longer reads the outbox (missed-deliveries.ts). */
const STREAM_LENGTH = 500;
const READ_ENTRIES = 20;
const READ_MILLISECONDS = 5_000;
const READ_AGAIN_MILLISECONDS = 200;
const COMMAND_MILLISECONDS = 500;

const retryStrategy = (attempt: number): number => Math.min(attempt * 200, 2_000);

/** Fails at once while Redis is away: nothing waits for it and nothing piles up. */
const WRITER: RedisOptions = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  commandTimeout: COMMAND_MILLISECONDS,
  connectTimeout: 2_000,
  disconnectTimeout: 200,
  retryStrategy,
};

/** Waits for Redis instead. */
const READER: RedisOptions = {
  lazyConnect: true,
  maxRetriesPerRequest: null,
  connectTimeout: 2_000,
  disconnectTimeout: 200,
  keepAlive: 10_000,
  retryStrategy,
};

type Entry = [id: string, fields: string[]];

/**
 * Carries live messages to the other processes, over a stream in Redis: a whole batch in an entry, since an entry for each
 * message cost more than all else of it (socket.io's adapter for streams does it so). What goes through it is sealed:
 * appointments are health data, and who can write to Redis must not be able to speak to our clients.
 */
export class SocketBus {
  private readonly uid = randomUUID();
  private readonly writer: Redis;
  private readonly reader: Redis;
  private closed = false;

  constructor(
    url: string,
    private readonly key: KeyObject,
    logger: Logger,
  ) {
    this.writer = new Redis(url, WRITER);
    let wasUp = true;
    this.writer.on('error', (error) => {
      if (wasUp) logger.warn({ err: error }, 'redis is away: events of other processes come by way of the database');
      wasUp = false;
    });
    this.writer.on('ready', () => (wasUp = true));
    this.reader = new Redis(url, READER);
    this.reader.on('error', () => undefined);
  }

  get isUp(): boolean {
    return this.writer.status === 'ready';
  }

  onUp(listener: () => void): void {
    this.writer.on('ready', listener);
  }

  /** Ends when Redis has the messages, or will never have them. Never fails. */
  async publish(messages: PlacedMessage[]): Promise<void> {
    if (!this.isUp) return;
    const entries: Promise<unknown>[] = [];
    for (let first = 0; first < messages.length; first += MESSAGES_PER_ENTRY) {
      const data = seal(this.key, JSON.stringify(messages.slice(first, first + MESSAGES_PER_ENTRY)));
      entries.push(this.writer.xadd(STREAM, 'MAXLEN', '~', STREAM_LENGTH, '*', 'uid', this.uid, 'data', data));
    }
    await Promise.allSettled(entries);
  }

  /** Hears from now on what other processes publish. */
  listen(onMessages: (messages: PlacedMessage[]) => void): void {
    void this.read(onMessages);
  }

  close(): void {
    this.closed = true;
    for (const redis of [this.writer, this.reader]) redis.disconnect();
  }

  private async read(onMessages: (messages: PlacedMessage[]) => void): Promise<void> {
    let last: string | undefined;
    while (!this.closed) {
      try {
        last ??= (await this.reader.xrevrange(STREAM, '+', '-', 'COUNT', 1))[0]?.[0] ?? '0';
        for (const [id, fields] of await this.entriesAfter(last)) {
          last = id;
          onMessages(this.messagesOf(fields));
        }
      } catch {
        await sleep(READ_AGAIN_MILLISECONDS, undefined, { ref: false });
      }
    }
  }

  private async entriesAfter(last: string): Promise<Entry[]> {
    const found = await this.reader.xread('COUNT', READ_ENTRIES, 'BLOCK', READ_MILLISECONDS, 'STREAMS', STREAM, last);
    return found?.[0]?.[1] ?? [];
  }

  /** None of what this process wrote itself, or nobody of ours. */
  private messagesOf(fields: string[]): PlacedMessage[] {
    const { uid, data = '' } = Object.fromEntries(pairs(fields)) as { uid?: string; data?: string };
    const text = uid === this.uid ? null : open(this.key, data);
    if (text === null) return [];
    const messages = JSON.parse(text) as (Omit<PlacedMessage, 'occurredAt'> & { occurredAt: string })[];
    return messages.map((message) => ({ ...message, occurredAt: new Date(message.occurredAt) }));
  }
}

const pairs = (fields: string[]): [string, string][] =>
  fields.flatMap((name, at) => (at % 2 === 0 ? [[name, fields[at + 1] ?? ''] as [string, string]] : []));
