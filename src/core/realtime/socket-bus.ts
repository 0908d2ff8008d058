import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import type { MessageBatch, PositionedMessage } from '../outbox/outbox-event.js';
import type { RedisHealth } from '../redis/redis-health.js';
import { DecryptionError, type FieldCipher } from '../security/field-cipher.js';

/** A process that missed more entries reads the outbox (live-feed.ts). */
const STREAM_LENGTH = 100;
const READ_ENTRIES = 20;
const READ_MILLISECONDS = 5_000;
const RETRY_MILLISECONDS = 200;
const COMMAND_MILLISECONDS = 400;

const retryStrategy = (attempt: number): number => Math.min(attempt * 200, 2_000);

/** Fails at once while Redis is unavailable: commands are not queued. */
const WRITER: RedisOptions = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  commandTimeout: COMMAND_MILLISECONDS,
  connectTimeout: 2_000,
  disconnectTimeout: 200,
  retryStrategy,
};

/** Waits while Redis is unavailable. */
const READER: RedisOptions = {
  lazyConnect: true,
  maxRetriesPerRequest: null,
  connectTimeout: 2_000,
  disconnectTimeout: 200,
  keepAlive: 10_000,
  retryStrategy,
};

type Entry = [id: string, fields: string[]];
/** The position is called `sequence` here, as in earlier releases, whose processes read the stream during a rolling update. */
type SentMessage = Omit<PositionedMessage, 'occurredAt' | 'position'> & { occurredAt: string; sequence: number };
type SentBatch = Omit<MessageBatch, 'messages'> & { messages: SentMessage[] };

/**
 * Sends batches of live messages to the other processes through a Redis stream. A batch may get lost: processes read missing
 * messages from the outbox. Batches are encrypted, because they contain health data, and so that write access to Redis is not
 * enough to send messages to clients.
 */
export class SocketBus {
  private readonly uid = randomUUID();
  private readonly writer: Redis;
  private readonly reader: Redis;
  private closed = false;

  /** @param stream its key; processes with the same key exchange their batches */
  constructor(
    url: string,
    private readonly stream: string,
    private readonly cipher: FieldCipher,
    private readonly health: RedisHealth,
  ) {
    this.writer = new Redis(url, WRITER);
    // RedisHealth logs outages.
    this.writer.on('error', () => undefined);
    this.reader = new Redis(url, READER);
    this.reader.on('error', () => undefined);
  }

  get isUp(): boolean {
    return this.writer.status === 'ready' && this.health.isUp;
  }

  /** Never waits and never fails. */
  publish(batch: MessageBatch): void {
    if (!this.isUp) return;
    const messages = batch.messages.map(({ position, ...message }) => ({ ...message, sequence: position }));
    const data = this.cipher.encrypt({ ...batch, messages }, this.stream).toString('base64');
    this.writer
      .xadd(this.stream, 'MAXLEN', '~', STREAM_LENGTH, '*', 'uid', this.uid, 'data', data)
      .catch((error: unknown) => !this.closed && this.health.report(error));
  }

  /** Starts receiving batches of other processes. */
  listen(onBatch: (batch: MessageBatch) => void): void {
    void this.read(onBatch);
  }

  close(): void {
    this.closed = true;
    for (const redis of [this.writer, this.reader]) redis.disconnect();
  }

  private async read(onBatch: (batch: MessageBatch) => void): Promise<void> {
    let last: string | undefined;
    while (!this.closed) {
      try {
        last ??= (await this.reader.xrevrange(this.stream, '+', '-', 'COUNT', 1))[0]?.[0] ?? '0';
        for (const [id, fields] of await this.entriesAfter(last)) {
          last = id;
          const batch = this.readBatch(fields);
          if (batch) onBatch(batch);
        }
      } catch {
        await sleep(RETRY_MILLISECONDS, undefined, { ref: false });
      }
    }
  }

  private async entriesAfter(last: string): Promise<Entry[]> {
    // A read ends after READ_MILLISECONDS: reconnect if it takes longer.
    const watchdog = setTimeout(() => this.reader.disconnect(true), 2 * READ_MILLISECONDS).unref();
    try {
      const { stream } = this;
      const found = await this.reader.xread('COUNT', READ_ENTRIES, 'BLOCK', READ_MILLISECONDS, 'STREAMS', stream, last);
      return found?.[0]?.[1] ?? [];
    } finally {
      clearTimeout(watchdog);
    }
  }

  /** Decrypts a batch. Null if this process wrote it, or if it was not encrypted with the key. */
  private readBatch(fields: string[]): MessageBatch | null {
    const { uid, data = '' } = Object.fromEntries(pairs(fields)) as { uid?: string; data?: string };
    const batch = uid === this.uid ? null : this.decrypt(data);
    if (!batch) return null;
    const messages = batch.messages.map(({ sequence, occurredAt, ...message }) => ({
      ...message,
      position: sequence,
      occurredAt: new Date(occurredAt),
    }));
    return { ...batch, messages };
  }

  private decrypt(data: string): SentBatch | null {
    try {
      return this.cipher.decrypt(Buffer.from(data, 'base64'), this.stream) as SentBatch;
    } catch (error) {
      if (error instanceof DecryptionError) return null;
      throw error;
    }
  }
}

const pairs = (fields: string[]): [string, string][] =>
  fields.flatMap((name, at) => (at % 2 === 0 ? [[name, fields[at + 1] ?? ''] as [string, string]] : []));
