/** Searches for texts in dumps, in every form in which a text can be stored without encryption. */

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import type pg from 'pg';
import { within } from './eventually.js';

const run = promisify(execFile);

/** Every row of every table as text, as a dump has them; bytes in hexadecimal digits. */
export async function readTables(db: pg.Pool): Promise<Map<string, string>> {
  const { rows: tables } = await db.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
  );
  const dump = new Map<string, string>();
  for (const { name } of tables) {
    const { rows } = await db.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
    dump.set(name, rows.map(({ row }) => row).join('\n'));
  }
  return dump;
}

/** The output of pg_dump by table; what is in no table has the name ''. */
export async function runPgDump(program: string, databaseUrl: string): Promise<Map<string, string>> {
  const { stdout } = await run(program, [`--dbname=${databaseUrl}`], { maxBuffer: 1 << 29 });
  const dump = new Map<string, string>();
  let table = '';
  for (const line of stdout.split('\n')) {
    table = /^COPY public\.(\w+) /.exec(line)?.[1] ?? table;
    dump.set(table, `${dump.get(table) ?? ''}${line}\n`);
    if (line === '\\.') table = '';
  }
  return dump;
}

/**
 * Every command that Redis gets, also of values that are deleted later and of messages to other processes. It reads MONITOR from a socket
 * of its own: ioredis fails if another command arrives before its switch to the monitor mode.
 */
export class RedisTraffic {
  private readonly received: Buffer[] = [];

  private constructor(
    private readonly redis: Redis,
    private readonly monitor: Socket,
  ) {
    monitor.on('data', (bytes) => this.received.push(bytes));
  }

  static async start(url: string): Promise<RedisTraffic> {
    const { hostname, port } = new URL(url);
    const monitor = connect(Number(port), hostname);
    const traffic = new RedisTraffic(new Redis(url), monitor);
    monitor.write('MONITOR\r\n');
    await within('the answer to MONITOR', once(monitor, 'data'));
    return traffic;
  }

  get text(): string {
    return unescape(Buffer.concat(this.received).toString('latin1'));
  }

  /** All keys and values that are stored now. */
  async readAll(): Promise<string> {
    const found: string[] = [];
    for (const key of await this.redis.keys('*')) found.push(key, JSON.stringify(await this.read(key)));
    return found.join('\n');
  }

  close(): void {
    this.monitor.destroy();
    this.redis.disconnect();
  }

  private async read(key: string): Promise<unknown> {
    switch (await this.redis.type(key)) {
      case 'string':
        return this.redis.get(key);
      case 'hash':
        return this.redis.hgetall(key);
      case 'list':
        return this.redis.lrange(key, 0, -1);
      case 'set':
        return this.redis.smembers(key);
      case 'zset':
        return this.redis.zrange(key, 0, -1);
      default:
        return this.redis.xrange(key, '-', '+');
    }
  }
}

/** MONITOR writes bytes outside of ASCII as `\\xd9` and quotes as `\\"`. */
const unescape = (text: string): string =>
  Buffer.from(
    text.replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex: string | undefined, character: string) =>
      hex ? String.fromCharCode(parseInt(hex, 16)) : character,
    ),
    'latin1',
  ).toString();

/** A text without a distinctive word, such as a telephone number, is searched as a whole. */
const MIN_WORD = 9;
const MIN_DIGITS = 10;

/** The text; in URLs; in JSON with escapes; in hexadecimal digits; in base64; its digits alone; its long words, as in a search column. */
function spellings(text: string): string[] {
  const bytes = Buffer.from(text);
  // Base64 of a longer text contains that of a part of three-byte groups, which begins at one of three offsets.
  const base64 = [0, 1, 2].flatMap((offset) => {
    const groups = Math.floor((bytes.length - offset) / 3);
    const part = bytes.subarray(offset, offset + groups * 3);
    return [part.toString('base64'), part.toString('base64url')];
  });
  const escaped = text.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const words = text.match(/[\p{L}\p{M}]+/gu)?.filter((word) => word.length >= MIN_WORD) ?? [];
  const all = [
    text,
    escaped,
    encodeURIComponent(text),
    bytes.toString('hex'),
    ...base64,
    ...words,
    ...numberForms(text),
  ];
  return [...new Set(all.map((spelling) => spelling.toLowerCase()))];
}

/** A telephone number without its plus sign or country code; a date in other orders. */
function numberForms(text: string): string[] {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  if (year) return [`${day}.${month}.${year}`, `${day}/${month}/${year}`, `${month}/${day}/${year}`];
  const digits = text.replace(/\D/g, '');
  // The last digits of a number, also of one in a sentence.
  return /^[+\d\s()-]+$/.test(text) && digits.length >= MIN_DIGITS ? [digits, digits.slice(-MIN_DIGITS)] : [];
}

/** @returns the canaries that the text contains in any form */
export function findLeaks(text: string, canaries: readonly string[]): string[] {
  // COPY and JSON double the backslash of an escape.
  const lower = text.toLowerCase().replaceAll('\\\\', '\\');
  return canaries.filter((canary) => spellings(canary).some((spelling) => lower.includes(spelling)));
}
