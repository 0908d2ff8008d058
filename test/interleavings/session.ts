import type { INestApplication } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type pg from 'pg';
import { currentContext } from '../../src/core/context/request-context.js';
import { add, type Access, type Schema, type Step } from './footprint.js';

type Client = pg.PoolClient & { processID: number };
type Query = (...args: unknown[]) => unknown;
type Callback = (error: unknown, result?: unknown) => void;

/** A statement that waits until the scheduler sends it. */
interface HeldStatement {
  text: string;
  client: Client;
  send: () => void;
}

/** Changes a statement of the application, to show that the checks notice it. */
export type Mutation = (text: string) => string;

/** A short time, so that a test of deadlocks takes no second for each. */
const DEADLOCK_TIMEOUT = `SET deadlock_timeout = '30ms'`;

/**
 * The statements of one application on its own connections. During an operation, each statement of a request waits until the scheduler
 * sends it; those of background work pass. Needs an application without jobs in its process.
 */
export class Session {
  private readonly held: HeldStatement[] = [];
  private readonly running = new Set<Client>();
  /** What the open transaction of a connection has written and locked. */
  private readonly transactions = new Map<Client, Map<string, Access>>();
  private isHolding = false;
  private onChange: () => void = () => undefined;
  /** Whether the last statement found the lock of the clinic's schedule taken: the application tries again until another session ends its transaction. */
  waitsForScheduleLock = false;

  constructor(
    app: INestApplication,
    private readonly schema: Schema,
    private readonly mutate: Mutation = (text) => text,
  ) {
    const pool = (app.get(DataSource).driver as PostgresDriver).master as pg.Pool;
    const wrapped = new WeakSet<object>();
    pool.on('acquire', (client) => {
      if (wrapped.has(client)) return;
      wrapped.add(client);
      this.wrap(client as Client);
    });
  }

  /** Runs an operation whose statements wait. */
  async run<T>(operation: () => Promise<T>): Promise<T> {
    this.isHolding = true;
    this.waitsForScheduleLock = false;
    try {
      return await operation();
    } finally {
      this.isHolding = false;
      // What the application writes after its response, such as a denial.
      while (this.held.length > 0) this.sendNext();
      this.onChange();
    }
  }

  get hasEnded(): boolean {
    return !this.isHolding;
  }

  /** The text of the statement that it sends next; null if it sends none yet. */
  get next(): string | null {
    return this.held[0]?.text ?? null;
  }

  /** What the next statement can influence. */
  get nextStep(): Step {
    const [statement] = this.held;
    if (!statement) throw new Error('No statement waits.');
    const transaction = this.transactions.get(statement.client);
    if (/^ROLLBACK TO/i.test(statement.text)) return { footprint: transaction ?? new Map(), publishes: new Set() };
    if (endsTransaction(statement.text)) {
      const footprint = transaction ?? new Map<string, Access>();
      return { footprint, publishes: written(footprint) };
    }
    const footprint = this.schema.footprint(statement.text);
    return { footprint, publishes: transaction ? new Set() : written(footprint) };
  }

  /** The backends that run a statement of it now. */
  get runningPids(): number[] {
    return [...this.running].map(({ processID }) => processID);
  }

  /** @returns whether it is the end of a transaction, which other sessions may wait for */
  sendNext(): boolean {
    const statement = this.held.shift();
    if (!statement) throw new Error('No statement waits.');
    this.waitsForScheduleLock = false;
    this.follow(statement);
    statement.send();
    return endsTransaction(statement.text) || !this.transactions.has(statement.client);
  }

  /** Waits until something changes, or this time has passed. @returns whether something changed */
  changed(milliseconds: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), milliseconds);
      this.onChange = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  private follow({ client, text }: HeldStatement): void {
    if (/^(START TRANSACTION|BEGIN)/i.test(text)) this.transactions.set(client, new Map());
    else if (endsTransaction(text)) this.transactions.delete(client);
    else {
      const transaction = this.transactions.get(client);
      if (!transaction) return;
      // A lock that is only shared ends with the transaction, too: for those who wait for it, that is like a change.
      for (const [table, access] of this.schema.footprint(text)) if (access !== 'READ') add(transaction, table, access);
    }
  }

  private wrap(client: Client): void {
    const original = client.query.bind(client) as Query;
    const query: Query = (statement, ...rest) => original(this.mutated(statement), ...rest);
    void (query(DEADLOCK_TIMEOUT) as Promise<unknown>).catch(() => undefined);
    const gated: Query = (...args) => {
      if (!this.isHolding || !isOfRequest()) return query(...args);
      const callback = typeof args.at(-1) === 'function' ? (args.pop() as Callback) : null;
      const result = this.hold(client, getText(args[0]), () => query(...args) as Promise<unknown>);
      if (!callback) return result;
      result.then((value) => callback(null, value), callback);
    };
    client.query = gated as typeof client.query;
  }

  private mutated(statement: unknown): unknown {
    if (typeof statement === 'string') return this.mutate(statement);
    const { text } = statement as { text?: string };
    return text === undefined ? statement : Object.assign(statement as object, { text: this.mutate(text) });
  }

  private hold(client: Client, text: string, query: () => Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const send = (): void => void this.observe(client, query()).then(resolve, reject);
      this.held.push({ text, client, send });
      this.onChange();
    });
  }

  private async observe(client: Client, result: Promise<unknown>): Promise<unknown> {
    this.running.add(client);
    try {
      const answer = await result;
      this.waitsForScheduleLock = foundLockedSchedule(answer);
      return answer;
    } finally {
      this.running.delete(client);
      this.onChange();
    }
  }
}

const isOfRequest = (): boolean => currentContext().useCase?.includes(' /api/') ?? false;

const getText = (query: unknown): string =>
  (typeof query === 'string' ? query : (query as { text: string }).text).trim();

const endsTransaction = (text: string): boolean => /^(COMMIT|ROLLBACK)$/i.test(text);

const written = (footprint: ReadonlyMap<string, Access>): Set<string> =>
  new Set([...footprint].flatMap(([table, access]) => (access === 'WRITE' ? [table] : [])));

const foundLockedSchedule = (result: unknown): boolean =>
  ((result as pg.QueryResult<{ outcome?: string }> | undefined)?.rows ?? []).some((row) => row.outcome === 'LOCKED');
