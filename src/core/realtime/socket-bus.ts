import type { KeyObject } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from 'pino';
import { open, seal } from './sealed-text.js';

const STREAM = 'careslot:sockets';
/** Some minutes of a busy day; a process that was away for longer reads the outbox (missed-deliveries.ts). */
const STREAM_LENGTH = 10_000;
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

/**
 * Waits for Redis instead: the adapter asks again at once when a read fails, and a read that fails at once would never
 * let go of the event loop.
 */
const READER: RedisOptions = {
  maxRetriesPerRequest: null,
  connectTimeout: 2_000,
  disconnectTimeout: 200,
  keepAlive: 10_000,
  retryStrategy,
};
const READ_AGAIN_MILLISECONDS = 200;

type Entry = [id: string, fields: string[]];
type ReadResult = [stream: string, entries: Entry[]][] | null;

/**
 * Redis below socket.io's streams adapter. What goes through it is sealed: appointments are health data, and who can write
 * to Redis must not be able to speak to our clients. For the same reason the adapter's pub/sub, which we have no use for,
 * stays silent.
 */
export class SocketBus {
  readonly adapter: ReturnType<typeof createAdapter>;
  private readonly writer: Redis;
  private readonly readers: Redis[] = [];
  /** The adapter's name for this process, which stands in what it writes. */
  private ownUid: string | undefined;

  constructor(
    private readonly url: string,
    private readonly key: KeyObject,
    /** Hears the sequence of every message of another process that came through Redis. */
    private readonly onSequence: (sequence: number) => void,
    logger: Logger,
  ) {
    this.writer = this.makeWriter();
    let wasUp = true;
    this.writer.on('error', (error) => {
      if (wasUp) logger.warn({ err: error }, 'redis is away: events of other processes come by way of the database');
      wasUp = false;
    });
    this.writer.on('ready', () => (wasUp = true));
    this.adapter = createAdapter(this.writer, { streamName: STREAM, maxLen: STREAM_LENGTH, onlyPlaintext: true });
  }

  get isUp(): boolean {
    return this.writer.status === 'ready';
  }

  onUp(listener: () => void): void {
    this.writer.on('ready', listener);
  }

  /** What is published meanwhile goes to Redis in one write: a write for each message costs more than the message. */
  together(publish: () => void): void {
    // There is none before the first connection.
    const stream = this.writer.stream as Redis['stream'] | undefined;
    stream?.cork();
    publish();
    stream?.uncork();
  }

  /** Redis has what was written before, or will never have it. Commands of one connection are done in order. */
  async flushed(): Promise<void> {
    if (this.isUp) await this.writer.ping().catch(() => undefined);
  }

  /** After the adapter was closed, or it would read on and on from a closed connection. */
  close(): void {
    for (const redis of [this.writer, ...this.readers]) redis.disconnect();
  }

  private makeWriter(): Redis {
    const redis = new Redis(this.url, WRITER);
    const add = redis.xadd.bind(redis) as unknown as (args: unknown[]) => Promise<string | null>;
    const xadd = (args: unknown[]): Promise<string | null> => add(this.sealed(args));
    return Object.assign(redis, { xadd, duplicate: () => this.makeReader() });
  }

  private makeReader(): Redis {
    const redis = new Redis(this.url, READER);
    redis.on('error', () => undefined);
    const read = redis.xread.bind(redis) as unknown as (...args: unknown[]) => Promise<ReadResult>;
    const xread = (...args: unknown[]): Promise<ReadResult> =>
      read(...args).then(
        (result) => this.opened(result),
        async (error: unknown) => {
          await sleep(READ_AGAIN_MILLISECONDS, undefined, { ref: false });
          throw error;
        },
      );
    const subscribe = (): Promise<number> => Promise.resolve(0);
    this.readers.push(redis);
    return Object.assign(redis, { xread, subscribe });
  }

  private sealed(args: unknown[]): unknown[] {
    this.ownUid ??= String(args[args.indexOf('uid') + 1]);
    const at = args.indexOf('data') + 1;
    return at === 0 ? args : args.with(at, seal(this.key, String(args[at])));
  }

  private opened(result: ReadResult): ReadResult {
    return result && result.map(([stream, entries]) => [stream, entries.map((entry) => this.openEntry(entry))]);
  }

  /** What this process wrote itself, or nobody of ours, keeps its id, so that it is passed over, and has nothing in it. */
  private openEntry([id, fields]: Entry): Entry {
    if (fields[fields.indexOf('uid') + 1] === this.ownUid) return [id, []];
    const at = fields.indexOf('data') + 1;
    const data = at === 0 ? null : open(this.key, fields[at] ?? '');
    if (data === null) return [id, []];
    this.note(data);
    return [id, fields.with(at, data)];
  }

  private note(data: string): void {
    const { packet } = JSON.parse(data) as { packet?: { data?: [string, unknown, { sequence?: number }?] } };
    const sequence = packet?.data?.[2]?.sequence;
    if (sequence !== undefined) this.onSequence(sequence);
  }
}
