import type { PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import { QueryFailedError, type DataSource, type EntityManager, type QueryRunner } from 'typeorm';
import { measuringWait } from './connection-times.js';
import { isConnectionBroken } from './database-errors.js';

export interface TransactionOptions {
  /**
   * false: COMMIT is answered before it is on disk (PostgreSQL's asynchronous commit). The transaction is kept whole or not
   * at all, but it is lost if the database's machine fails within about half a second. Inside another transaction the
   * outer one decides.
   */
  durable?: boolean;
}

/**
 * One open transaction on one connection: hand-written SQL on the query runner's pg client, TypeORM's repositories through
 * its manager.
 */
export class Transaction {
  private open = true;
  private readonly onCommit: (() => void)[] = [];

  private constructor(
    private readonly runner: QueryRunner,
    private readonly client: PoolClient,
  ) {}

  /** Takes a connection and begins. @throws what taking it or BEGIN throws */
  static async begin(dataSource: DataSource, { durable = true }: TransactionOptions): Promise<Transaction> {
    const runner = dataSource.createQueryRunner();
    const client = (await measuringWait(() => runner.connect())) as PoolClient;
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

  /** @throws Error if the transaction has ended: a query that was not awaited would run outside of it, unseen */
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
    this.onCommit.push(work);
  }

  /** @throws Error if a statement had failed and the work went on: PostgreSQL then makes the COMMIT a ROLLBACK */
  async commit(): Promise<void> {
    this.open = false;
    // Not the runner's commitTransaction(): it does not return the command that tells COMMIT from ROLLBACK.
    const { command } = await this.send({ text: 'COMMIT' });
    if (command !== 'COMMIT') throw new Error('A statement of this transaction had failed.');
    await this.runner.release();
    for (const work of this.onCommit) work();
  }

  /** Never throws: a connection that can not be rolled back is closed. @param error why */
  async rollback(error: unknown): Promise<void> {
    this.open = false;
    if (error instanceof QueryFailedError) closeIfBroken(this.client, error);
    await this.send({ text: 'ROLLBACK' }).catch(() => undefined);
    await this.runner.release();
  }

  /** TypeORM gives a connection back as soon as it breaks; then every further statement fails. */
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
    if (!this.open) throw new Error('A query came after its transaction had ended: something was not awaited.');
  }
}

/** The pool does not keep a connection that was closed here; nobody else gets one that is broken. */
export function closeIfBroken(client: PoolClient, error: unknown): void {
  if (isConnectionBroken(error)) void client.end();
}
