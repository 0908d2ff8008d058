import type { PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import { QueryFailedError, type DataSource, type EntityManager, type QueryRunner } from 'typeorm';
import { measureWait } from './connection-times.js';
import { isConnectionBroken } from './database-errors.js';

export interface TransactionOptions {
  /**
   * false: asynchronous commit. COMMIT returns before the transaction is on disk. The transaction is still atomic, but it is lost if
   * the database's machine fails within about half a second. In a nested call, the option of the outer transaction applies.
   */
  durable?: boolean;
}

/** An open transaction on one connection, used by SQL statements (pg client) and TypeORM repositories (entity manager). */
export class Transaction {
  private isOpen = true;
  private readonly commitListeners: (() => void)[] = [];

  private constructor(
    private readonly runner: QueryRunner,
    private readonly client: PoolClient,
  ) {}

  /** Gets a connection and begins a transaction on it. */
  static async begin(dataSource: DataSource, { durable = true }: TransactionOptions): Promise<Transaction> {
    const runner = dataSource.createQueryRunner();
    const client = (await measureWait(() => runner.connect())) as PoolClient;
    try {
      await runner.startTransaction();
      if (!durable) await client.query('SET LOCAL synchronous_commit = off');
      return new Transaction(runner, client);
    } catch (error) {
      closeIfBroken(client, error);
      await runner.release();
      throw error;
    }
  }

  /** @throws Error if the transaction has ended, which means that a query was not awaited */
  query<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>> {
    this.assertOpen();
    return this.send<Row>(statement);
  }

  get manager(): EntityManager {
    this.assertOpen();
    return this.runner.manager;
  }

  afterCommit(work: () => void): void {
    this.assertOpen();
    this.commitListeners.push(work);
  }

  /** @throws Error if an earlier statement failed and its error was ignored: PostgreSQL then rolls back */
  async commit(): Promise<void> {
    this.isOpen = false;
    // The runner's commitTransaction() does not return whether PostgreSQL did a COMMIT or a ROLLBACK.
    const { command } = await this.send({ text: 'COMMIT' });
    if (command !== 'COMMIT') throw new Error('A statement of this transaction had failed.');
    await this.runner.release();
  }

  /** Runs what waited for the commit. */
  notifyCommitted(): void {
    for (const work of this.commitListeners) work();
  }

  /** Never throws: if the rollback fails, the connection is closed. @param error the reason of the rollback */
  async rollback(error: unknown): Promise<void> {
    this.isOpen = false;
    // Errors of TypeORM's statements; `send` has already handled those of the others.
    if (error instanceof QueryFailedError) closeIfBroken(this.client, error);
    await this.send({ text: 'ROLLBACK' }).catch(() => undefined);
    await this.runner.release();
  }

  /** Whether the connection is lost: TypeORM then releases it, and every further statement fails. */
  get isLost(): boolean {
    return this.runner.isReleased;
  }

  private async send<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>> {
    try {
      return await this.client.query<Row>(statement);
    } catch (error) {
      closeIfBroken(this.client, error);
      throw error;
    }
  }

  private assertOpen(): void {
    if (!this.isOpen) throw new Error('A query came after its transaction had ended: something was not awaited.');
  }
}

/** Closes a broken connection, so that the pool does not reuse it. */
export function closeIfBroken(client: PoolClient, error: unknown): void {
  if (isConnectionBroken(error)) void client.end();
}
