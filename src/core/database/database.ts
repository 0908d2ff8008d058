import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, type EntityTarget, type ObjectLiteral, type Repository } from 'typeorm';
import type { Pool, PoolClient, QueryResult } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { currentContext, runInContext } from '../context/request-context.js';
import { DomainError } from '../kernel/domain-error.js';
import { ask } from './ask.js';
import { isRetryable, translateDatabaseError } from './database-errors.js';
import { Statements, type Statement } from './statements.js';
import { Transaction } from './transaction.js';

const ATTEMPTS = 5;
const BACKOFF_MILLISECONDS = 20;

/**
 * The way to PostgreSQL: one ambient transaction, TypeORM repositories inside of it, and hand-written SQL as prepared
 * statements where it is hot. Both use the same connection.
 */
@Injectable()
export class Database {
  private readonly pool: Pool;
  private readonly statements = new Statements();

  constructor(private readonly dataSource: DataSource) {
    this.pool = (dataSource.driver as unknown as { master: Pool }).master;
    // A connection can be lost in the very read that says it is ready, before take() has its hands on it.
    this.pool.on('connect', (client) => client.on('error', heardByTheQuery));
  }

  /** Runs a prepared statement, in the ambient transaction if there is one. The text must be constant per call site. */
  rows<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const statement = { text, values };
    const { transaction } = currentContext();
    const answer = transaction ? transaction.query<Row>(statement) : this.alone<Row>(statement);
    return answer.then(rowsOf, failed);
  }

  row<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row | null> {
    return this.rows<Row>(text, values).then(first);
  }

  repository<Entity extends ObjectLiteral>(entity: EntityTarget<Entity>): Repository<Entity> {
    return this.manager.getRepository(entity);
  }

  get manager(): EntityManager {
    return currentContext().transaction?.manager ?? this.dataSource.manager;
  }

  /**
   * Runs work in one transaction, or joins the one around it. A serialization failure or a deadlock runs the
   * outermost work again, so it must have no effect but on the database.
   */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    if (currentContext().transaction) return work();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.once(work);
      } catch (error) {
        if (error instanceof DomainError) await error.afterRollback?.();
        if (!isRetryable(error) || attempt === ATTEMPTS) throw translateDatabaseError(error);
        await sleep(Math.random() * BACKOFF_MILLISECONDS * 2 ** attempt);
      }
    }
  }

  /**
   * A write that nobody in the ambient transaction reads (its audit, its event): sent with COMMIT, so that it costs no
   * round trip. What it throws, the transaction throws.
   */
  atCommit(text: string, values: readonly unknown[]): void {
    const { transaction } = currentContext();
    if (!transaction) throw new Error('There is no transaction to write this at the end of.');
    transaction.atCommit({ text, values });
  }

  /**
   * The commit of the ambient transaction is answered before it is on disk: whole or not at all, but gone where the
   * database's machine fails within the next half second or so (PostgreSQL's asynchronous commit).
   */
  commitAhead(): void {
    void this.unawaited('SET LOCAL synchronous_commit = off');
  }

  /** Nothing may be asked of the ambient transaction any more: what still goes on in it throws. */
  noMore(): void {
    currentContext().transaction?.end();
  }

  /** Runs at once after the commit of the ambient transaction; never after a rollback. */
  afterCommit(work: () => void): void {
    const { transaction } = currentContext();
    if (transaction) transaction.afterCommit(work);
    else work();
  }

  /**
   * Runs a part of the ambient transaction and undoes that part alone where it fails. Throws only where the transaction
   * itself is lost.
   */
  async attempt<T>(work: () => Promise<T>): Promise<{ value: T } | { error: unknown }> {
    // Goes with the first statement of the work, and its end with the next one: neither is worth a round trip.
    const marked = this.unawaited('SAVEPOINT attempt');
    let result: { value: T } | { error: unknown };
    try {
      result = { value: await work() };
    } catch (error) {
      result = { error };
    }
    await marked;
    if ('error' in result) await this.rows('ROLLBACK TO SAVEPOINT attempt');
    else void this.unawaited('RELEASE SAVEPOINT attempt');
    return result;
  }

  /** What it throws nobody need hear at once: after it, every statement of the transaction fails. */
  private unawaited(text: string): Promise<unknown> {
    const sent = this.rows(text);
    sent.catch(() => undefined);
    return sent;
  }

  private async once<T>(work: () => Promise<T>): Promise<T> {
    let client: PoolClient | null = null;
    const transaction = new Transaction(this.dataSource, this.statements, async () => (client = await this.take()));
    try {
      const result = await runInContext({ ...currentContext(), transaction }, work);
      await transaction.commit();
      return result;
    } catch (error) {
      await transaction.rollback();
      throw error;
    } finally {
      giveBack(client);
    }
  }

  private async alone<Row extends object>(statement: Statement): Promise<QueryResult<Row>> {
    const client = await this.take();
    try {
      return await ask<Row>(client, this.statements.prepared(statement));
    } finally {
      giveBack(client);
    }
  }

  /** Not pool.query(): that closes the connection after any error, and a lost race is an ordinary one. */
  private async take(): Promise<PoolClient> {
    const client = await this.pool.connect().catch(unreachable);
    client.on('error', heardByTheQuery);
    return client;
  }
}

const rowsOf = <Row extends object>({ rows }: QueryResult<Row>): Row[] => rows;

const first = <Row>(rows: Row[]): Row | null => rows[0] ?? null;

/** Whatever the reason is, such as a network, a limit or a database that takes no connections. */
function unreachable(): never {
  throw new DomainError('SERVICE_UNAVAILABLE', 'The service is busy; try again in a moment.', undefined, 1);
}

/** What may be tried again is told by PostgreSQL's own code. */
function failed(error: unknown): never {
  throw isRetryable(error) ? error : translateDatabaseError(error);
}

/** The pool does not keep a connection that was lost. */
function giveBack(client: PoolClient | null): void {
  client?.off('error', heardByTheQuery);
  client?.release();
}

/** An error event that nobody listens to would end the process; the query that waits for an answer has it anyway. */
const heardByTheQuery = (): void => undefined;
