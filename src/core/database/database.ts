import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, type EntityTarget, type ObjectLiteral, type Repository } from 'typeorm';
import type { Pool, PoolClient } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { currentContext, runInContext } from '../context/request-context.js';
import { DomainError } from '../kernel/domain-error.js';
import { isRetryable, translateDatabaseError } from './database-errors.js';
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
  private readonly names = new Map<string, string>();

  constructor(private readonly dataSource: DataSource) {
    this.pool = (dataSource.driver as unknown as { master: Pool }).master;
  }

  /** Runs a prepared statement, in the ambient transaction if there is one. The text must be constant per call site. */
  async rows<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      const result = await this.connection().query<Row>({ name: this.nameOf(text), text, values: values as unknown[] });
      return result.rows;
    } catch (error) {
      throw isRetryable(error) ? error : translateDatabaseError(error);
    }
  }

  async row<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row | null> {
    return (await this.rows<Row>(text, values))[0] ?? null;
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
    await this.rows('SAVEPOINT attempt');
    let result: { value: T } | { error: unknown };
    try {
      result = { value: await work() };
    } catch (error) {
      result = { error };
    }
    await this.rows('error' in result ? 'ROLLBACK TO SAVEPOINT attempt' : 'RELEASE SAVEPOINT attempt');
    return result;
  }

  private async once<T>(work: () => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    let transaction: Transaction | undefined;
    try {
      const client = (await runner.connect()) as PoolClient;
      await runner.startTransaction();
      const unit = (transaction = new Transaction(runner, client));
      const result = await runInContext({ ...currentContext(), transaction: unit }, work);
      unit.close();
      await runner.commitTransaction();
      unit.committed();
      return result;
    } catch (error) {
      transaction?.close();
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
    }
  }

  private connection(): Pool | PoolClient {
    return currentContext().transaction?.client ?? this.pool;
  }

  private nameOf(text: string): string {
    let name = this.names.get(text);
    if (!name) {
      name = `careslot_${this.names.size + 1}`;
      this.names.set(text, name);
    }
    return name;
  }
}
