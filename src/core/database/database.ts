import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, type EntityTarget, type ObjectLiteral, type Repository } from 'typeorm';
import type { Pool, QueryConfig, QueryResult } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { currentContext, runInContext } from '../context/request-context.js';
import { DomainError } from '../kernel/domain-error.js';
import { measureHolds, measuringWait } from './connection-times.js';
import { isRetryable, translateDatabaseError, unavailable } from './database-errors.js';
import { prepared } from './statements.js';
import { closeIfBroken, Transaction, type TransactionOptions } from './transaction.js';

const ATTEMPTS = 5;
const BACKOFF_MILLISECONDS = 20;

/**
 * The way to PostgreSQL: one ambient transaction, TypeORM repositories inside of it, and hand-written SQL as prepared
 * statements where it is hot. Both use the same connection. Await each statement before the next one.
 */
@Injectable()
export class Database {
  private readonly pool: Pool;

  constructor(private readonly dataSource: DataSource) {
    this.pool = (dataSource.driver as unknown as { master: Pool }).master;
    // An error event that nobody listens to would end the process. The query that waits for an answer gets the error anyway.
    // Here, because a connection can be lost in the very read that makes it ready, before anybody else has it.
    this.pool.on('acquire', (client) => client.on('error', ignore));
    this.pool.on('release', (_error, client) => client.off('error', ignore));
    measureHolds(this.pool);
  }

  /** Runs a prepared statement, in the ambient transaction if there is one. The text must be constant per call site. */
  async rows<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const statement = prepared(text, values);
    const transaction = ambientTransaction();
    try {
      const result = await (transaction ? transaction.query<Row>(statement) : this.alone<Row>(statement));
      return result.rows;
    } catch (error) {
      // What may be retried is recognised by PostgreSQL's own code.
      throw isRetryable(error) ? error : translateDatabaseError(error);
    }
  }

  async row<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row | null> {
    const rows = await this.rows<Row>(text, values);
    return rows[0] ?? null;
  }

  repository<Entity extends ObjectLiteral>(entity: EntityTarget<Entity>): Repository<Entity> {
    return this.manager.getRepository(entity);
  }

  /** Whether the caller is inside of a transaction. */
  get inTransaction(): boolean {
    return currentContext().transaction !== null;
  }

  get manager(): EntityManager {
    return ambientTransaction()?.manager ?? this.dataSource.manager;
  }

  /**
   * Runs work in one transaction, or joins the one around it. A serialization failure or a deadlock runs the
   * outermost work again, so it must have no effect but on the database.
   */
  async transaction<T>(work: () => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    if (currentContext().transaction) return work();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.once(work, options);
      } catch (error) {
        if (error instanceof DomainError) await error.afterRollback?.();
        if (!isRetryable(error) || attempt === ATTEMPTS) throw translateDatabaseError(error);
        await sleep(Math.random() * BACKOFF_MILLISECONDS * 2 ** attempt);
      }
    }
  }

  /** Runs at once after the commit of the ambient transaction; never after a rollback. */
  afterCommit(work: () => void): void {
    const transaction = ambientTransaction();
    if (transaction) transaction.afterCommit(work);
    else work();
  }

  /**
   * Runs a part of the ambient transaction and undoes that part alone if it fails. Throws only if the transaction itself
   * is lost.
   */
  async attempt<T>(work: () => Promise<T>): Promise<{ value: T } | { error: unknown }> {
    await this.rows('SAVEPOINT attempt');
    try {
      const value = await work();
      await this.rows('RELEASE SAVEPOINT attempt');
      return { value };
    } catch (error) {
      await this.rows('ROLLBACK TO SAVEPOINT attempt');
      return { error };
    }
  }

  private async once<T>(work: () => Promise<T>, options: TransactionOptions): Promise<T> {
    const transaction = await Transaction.begin(this.dataSource, options).catch(unreachable);
    try {
      const result = await runInContext({ ...currentContext(), transaction }, work);
      await transaction.commit();
      return result;
    } catch (error) {
      const { isLost } = transaction;
      await transaction.rollback(error);
      throw isLost && !(error instanceof DomainError) ? unavailable(error) : error;
    }
  }

  private async alone<Row extends object>(statement: QueryConfig): Promise<QueryResult<Row>> {
    // Not pool.query(): that closes the connection after any error, and a lost race is an ordinary one.
    const client = await measuringWait(() => this.pool.connect()).catch(unreachable);
    try {
      return await client.query<Row>(statement);
    } catch (error) {
      closeIfBroken(client, error);
      throw error;
    } finally {
      client.release();
    }
  }
}

const ignore = (): void => undefined;

/** A network, a limit, or a database that takes no connections: the reason does not matter to the caller. */
function unreachable(): never {
  throw unavailable();
}

/** The transaction of the caller. The context holds it as an object of unknown type, so that it does not depend on the database. */
function ambientTransaction(): Transaction | null {
  const { transaction } = currentContext();
  return transaction instanceof Transaction ? transaction : null;
}
