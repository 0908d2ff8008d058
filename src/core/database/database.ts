import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, type EntityTarget, type ObjectLiteral } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type { Pool, QueryConfig, QueryResult } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { currentContext, runInContext } from '../context/request-context.js';
import { DomainError } from '../kernel/domain-error.js';
import { measurePool } from './connection-times.js';
import { isRetryable, translateDatabaseError, unavailable } from './database-errors.js';
import { queryPool } from './pool-query.js';
import { prepared } from './statements.js';
import { StatementSpans, traceStatement } from './statement-spans.js';
import { TEXT_INSTANTS, type TextInstants } from './text-instants.js';
import type { ColumnRepository } from './column-repository.js';
import { Transaction, type TransactionOptions } from './transaction.js';

const ATTEMPTS = 5;
const BACKOFF_MILLISECONDS = 20;

/**
 * Access to PostgreSQL: prepared SQL statements and TypeORM repositories. Inside `transaction`, both use the connection of the
 * current transaction, which is found by the async context. Await each statement before the next one.
 */
@Injectable()
export class Database {
  private readonly pool: Pool;

  constructor(private readonly dataSource: DataSource) {
    this.pool = (dataSource.driver as PostgresDriver).master as Pool;
    // An error event without a listener would end the process; the waiting query gets the error in any case. The listener is
    // added on `acquire`, because a connection can fail before the code that requested it gets it.
    this.pool.on('acquire', (client) => client.on('error', ignore));
    this.pool.on('release', (_error, client) => client.off('error', ignore));
    measurePool(this.pool, this.poolName);
  }

  /** The pool's name in metrics. */
  protected get poolName(): string {
    return 'requests';
  }

  /** Runs a prepared statement, in the current transaction if there is one. The text must be a constant. */
  rows<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.query<Row>(prepared(text, values));
  }

  /**
   * Like `rows`, with instants as ISO 8601 text. For long lists that are sent as they are read: to parse a Date and to write it again
   * takes several microseconds, and a clinic's day has thousands.
   */
  rowsWithTextInstants<Row extends object>(text: string, values: readonly unknown[]): Promise<TextInstants<Row>[]> {
    return this.query<TextInstants<Row> & object>({ ...prepared(text, values), types: TEXT_INSTANTS });
  }

  async row<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row | null> {
    const rows = await this.rows<Row>(text, values);
    return rows[0] ?? null;
  }

  repository<Entity extends ObjectLiteral>(entity: EntityTarget<Entity>): ColumnRepository<Entity> {
    return this.manager.getRepository(entity);
  }

  /** Adds the statements of TypeORM's repositories to traces. Call it only if tracing is on: each statement then calls a listener. */
  traceRepositories(): void {
    this.dataSource.subscribers.push(new StatementSpans());
  }

  /** Whether the caller is inside a transaction. */
  get inTransaction(): boolean {
    return currentContext().transaction !== null;
  }

  get manager(): EntityManager {
    return currentTransaction()?.manager ?? this.dataSource.manager;
  }

  /**
   * Runs work in a transaction, or in the current one if there is one. After a serialization failure or a deadlock, the work of
   * the outermost call runs again, so it must have no effects outside of the database.
   */
  async transaction<T>(work: () => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    if (currentContext().transaction) return work();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.runTransaction(work, options);
      } catch (error) {
        if (error instanceof DomainError) await error.afterRollback?.();
        if (!isRetryable(error) || attempt === ATTEMPTS) throw translateDatabaseError(error);
        await sleep(Math.random() * BACKOFF_MILLISECONDS * 2 ** attempt);
      }
    }
  }

  /** Runs work directly after the commit of the current transaction, and not after a rollback. Without a transaction, runs it now. */
  afterCommit(work: () => void): void {
    const transaction = currentTransaction();
    if (transaction) transaction.afterCommit(work);
    else work();
  }

  /**
   * Runs a part of the current transaction under a savepoint, and rolls only that part back if it fails. Throws only if the
   * transaction is lost.
   */
  async attempt<T>(work: () => Promise<T>): Promise<{ value: T } | { error: unknown }> {
    await this.rows('SAVEPOINT attempt');
    try {
      const value = await work();
      await this.rows('RELEASE SAVEPOINT attempt');
      return { value };
    } catch (error) {
      await this.rows('ROLLBACK TO SAVEPOINT attempt');
      // A rollback keeps the savepoint: without this, an outer attempt would roll back only to this one.
      await this.rows('RELEASE SAVEPOINT attempt');
      return { error };
    }
  }

  private async runTransaction<T>(work: () => Promise<T>, options: TransactionOptions): Promise<T> {
    const transaction = await Transaction.begin(this.dataSource, options).catch(throwUnavailable);
    let result: T;
    try {
      result = await runInContext({ ...currentContext(), transaction }, work);
      await transaction.commit();
    } catch (error) {
      const { isLost } = transaction;
      await transaction.rollback(error);
      throw isLost && !(error instanceof DomainError) ? unavailable(error) : error;
    }
    // Outside of the `try`: if this throws, nothing may be rolled back on the connection, which another transaction may already use.
    transaction.notifyCommitted();
    return result;
  }

  private async query<Row extends object>(statement: QueryConfig): Promise<Row[]> {
    const transaction = currentTransaction();
    const run = (): Promise<QueryResult<Row>> =>
      transaction ? transaction.query<Row>(statement) : queryPool<Row>(this.pool, statement, throwUnavailable);
    try {
      return (await traceStatement(statement, run)).rows;
    } catch (error) {
      // `transaction` recognises errors that it may retry by their SQLSTATE.
      throw isRetryable(error) ? error : translateDatabaseError(error);
    }
  }
}

const ignore = (): void => undefined;

/**
 * For all reasons why there is no connection: network, exhausted pool, a database that accepts none. The error has no cause, which
 * tells `mayHaveCommitted` that no statement was sent.
 */
function throwUnavailable(error: unknown): never {
  throw Object.assign(unavailable(), { connectionError: error });
}

/** The context has the type `object` for it, so that core/context does not depend on core/database. */
function currentTransaction(): Transaction | null {
  const { transaction } = currentContext();
  return transaction instanceof Transaction ? transaction : null;
}
