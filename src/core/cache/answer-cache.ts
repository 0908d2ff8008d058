import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { ChangeLog } from '../changes/change-log.js';
import { SingleFlight } from '../concurrency/single-flight.js';
import { Config, redisPrefix } from '../config/config.js';
import { cacheRequests } from './cache-metrics.js';
import { SerializedAnswer, type AnswerText } from '../http/serialized-answer.js';
import { RedisHealth } from '../redis/redis-health.js';
import { FieldCipher } from '../security/field-cipher.js';
import { CacheRevisions, type ReadPoint } from './cache-revisions.js';

export { EVERYTHING } from './cache-revisions.js';

/** Characters of one or two bytes each. */
const MAX_CHARACTERS = 8 * 1024 * 1024;
const MAX_ANSWER_CHARACTERS = 256 * 1024;
/** How long memory and Redis each keep an answer: a safety net for changes that no trigger sees (TRUNCATE). */
const KEEP_SECONDS = 60;
/** Redis usually answers within a millisecond. After this time, the database is read and Redis is not used for a second. */
const REDIS_MILLISECONDS = 10;
const REDIS_PAUSE_MILLISECONDS = 1_000;

interface Entry {
  scope: string;
  readPoint: ReadPoint;
  answer: SerializedAnswer;
}

/** The encrypted content of a key in Redis. */
type StoredEntry = Omit<Entry, 'answer'> & { text: AnswerText };

/** Not a promise if the answer was in memory. */
export type CachedReply = SerializedAnswer | Promise<SerializedAnswer>;

/** A read that returns the same answer to everyone. */
export interface SharedRead<T extends object> {
  /** Unique among all reads. */
  key: string;
  /** What the answer depends on: a clinic's id, `faq` or EVERYTHING. */
  scope: string | ((value: T) => string);
  load: () => Promise<T>;
  /** `false` if the answer depends on the caller; it is then not cached. */
  isShared?: boolean;
}

/**
 * Caches answers of the catalogue as JSON, in memory and, for other processes, in Redis. An answer is used only if nothing that
 * it depends on has changed since it was read (CacheRevisions), also if the change was committed during the read or the answer
 * comes from Redis. Cache only what everyone may read.
 */
@Injectable()
export class AnswerCache {
  private readonly memory = new LRUCache<string, Entry>({
    maxSize: MAX_CHARACTERS,
    maxEntrySize: MAX_ANSWER_CHARACTERS,
    sizeCalculation: ({ answer: { text } }) => text.data.length + (text.meta?.length ?? 0) + 1,
    ttl: KEEP_SECONDS * 1000,
    ttlResolution: 1_000,
  });
  private readonly reads = new SingleFlight<SerializedAnswer>();
  private readonly queryTexts = new WeakMap<object, string>();
  private readonly cipher: FieldCipher;
  private readonly prefix: string;
  private redisPausedUntil = 0;

  constructor(
    config: Config,
    private readonly revisions: CacheRevisions,
    private readonly changes: ChangeLog,
    private readonly redis: RedisHealth,
  ) {
    this.prefix = `${redisPrefix(config)}:answers`;
    // Encrypted and authenticated: write access to Redis must not be enough to change what patients read.
    this.cipher = FieldCipher.for(config, 'answer cache');
  }

  /** Makes changes of these objects by this process visible at once, not after the next poll. Call it when the application starts. */
  invalidateOnChange(objectType: string): void {
    this.changes.onCommitted(objectType, () => this.revisions.suspend());
  }

  /** The key of a list. The validation pipe returns the same `query` object for the same query string. */
  toKey(name: string, query: object): string {
    let text = this.queryTexts.get(query);
    if (text === undefined) this.queryTexts.set(query, (text = JSON.stringify(query)));
    return `${name} ${text}`;
  }

  answer<T extends object>(read: SharedRead<T>): CachedReply {
    if (read.isShared === false) return load(read);
    const isLive = this.revisions.isLive;
    const cached = isLive ? this.memory.get(read.key) : undefined;
    if (cached && this.revisions.isCurrent(cached.scope, cached.readPoint)) {
      cacheRequests.count('memory', 'hit');
      return cached.answer;
    }
    cacheRequests.count('memory', 'miss');
    return isLive ? this.loadOnce(read) : load(read);
  }

  /** Concurrent calls share a read that started after the last known change. */
  private loadOnce<T extends object>(read: SharedRead<T>): Promise<SerializedAnswer> {
    const { readPoint } = this.revisions;
    return this.reads.share(`${read.key} ${readPoint.epoch} ${readPoint.revision}`, () => this.find(read, readPoint));
  }

  private async find<T extends object>(read: SharedRead<T>, readPoint: ReadPoint): Promise<SerializedAnswer> {
    const stored = await this.readFromRedis(read.key, readPoint);
    if (stored) {
      this.memory.set(read.key, stored);
      return stored.answer;
    }
    const value = await read.load();
    const scope = (typeof read.scope === 'string' ? read.scope : read.scope(value)).toLowerCase();
    const entry = { scope, readPoint, answer: SerializedAnswer.of(value) };
    if (this.revisions.isLive && this.revisions.isCurrent(scope, readPoint)) {
      this.memory.set(read.key, entry);
      this.writeToRedis(read.key, entry);
    }
    return entry.answer;
  }

  private async readFromRedis(key: string, { epoch }: ReadPoint): Promise<Entry | null> {
    if (!this.isRedisUsable) return null;
    const redisKey = this.toRedisKey(key, epoch);
    const timedOut = Symbol('timedOut');
    const encrypted = await Promise.race([
      this.redis.connection.getBuffer(redisKey).catch((error: unknown) => this.redis.report(error)),
      sleep(REDIS_MILLISECONDS, timedOut, { ref: false }),
    ]);
    if (encrypted === timedOut) this.redisPausedUntil = performance.now() + REDIS_PAUSE_MILLISECONDS;
    const entry = encrypted instanceof Buffer ? this.decrypt(encrypted, redisKey) : null;
    const isUsable = entry !== null && this.revisions.isLive && this.revisions.isCurrent(entry.scope, entry.readPoint);
    cacheRequests.count('redis', isUsable ? 'hit' : 'miss');
    return isUsable ? entry : null;
  }

  private writeToRedis(key: string, { scope, readPoint, answer: { text } }: Entry): void {
    if (!this.isRedisUsable || text.data.length > MAX_ANSWER_CHARACTERS) return;
    const redisKey = this.toRedisKey(key, readPoint.epoch);
    const stored: StoredEntry = { scope, readPoint, text };
    this.redis.connection
      .set(redisKey, this.cipher.encrypt(stored, redisKey), 'EX', KEEP_SECONDS)
      .catch((error: unknown) => this.redis.report(error));
  }

  private get isRedisUsable(): boolean {
    return this.redis.isUp && performance.now() >= this.redisPausedUntil;
  }

  private toRedisKey(key: string, epoch: string): string {
    return `${this.prefix}:${epoch}:${key}`;
  }

  private decrypt(encrypted: Buffer, redisKey: string): Entry | null {
    try {
      const { text, ...rest } = this.cipher.decrypt(encrypted, redisKey) as StoredEntry;
      return { ...rest, answer: new SerializedAnswer(text) };
    } catch {
      return null;
    }
  }
}

const load = async <T extends object>(read: SharedRead<T>): Promise<SerializedAnswer> =>
  SerializedAnswer.of(await read.load());
