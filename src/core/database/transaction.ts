import type { PoolClient, QueryResult, QueryResultRow } from 'pg';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { ask } from './ask.js';
import type { Statement, Statements } from './statements.js';

/** One open unit of work: hand-written SQL and TypeORM's repositories on the same connection. */
export class Transaction {
  private open = true;
  private runner: QueryRunner | null = null;
  private readonly begun: Promise<QueryResult>;
  private readonly last: Statement[] = [];
  private readonly onCommit: (() => void)[] = [];

  /** BEGIN is not waited for: it goes out with the first statement, which can't be answered before it. */
  constructor(
    private readonly dataSource: DataSource,
    private readonly client: PoolClient,
    private readonly statements: Statements,
  ) {
    this.begun = ask(client, 'BEGIN');
    // Heard at the commit; a failure before it is that of the connection, and every statement has it too.
    this.begun.catch(() => undefined);
  }

  /** @throws Error if the unit has ended: a query that was not awaited would run outside of it, unseen */
  query<Row extends QueryResultRow>(statement: Statement): Promise<QueryResult<Row>> {
    this.assertOpen();
    return ask(this.client, this.statements.prepared(statement));
  }

  get manager(): EntityManager {
    this.assertOpen();
    return (this.runner ??= runnerOn(this.dataSource, this.client)).manager;
  }

  /** A write that nobody in this unit reads. They go out with COMMIT, in one message where that can be. */
  atCommit(statement: Statement): void {
    this.assertOpen();
    this.last.push(statement);
  }

  afterCommit(work: () => void): void {
    this.assertOpen();
    this.onCommit.push(work);
  }

  /** @throws what the last writes threw; then PostgreSQL has made the COMMIT a ROLLBACK */
  async commit(): Promise<void> {
    this.end();
    const last = [...this.statements.together(this.last), 'COMMIT'].map((statement) => ask(this.client, statement));
    const answers = await Promise.all([this.begun, ...last]);
    // So also where a use case went on after a statement that had failed: nothing of it would have been kept.
    if (answers.at(-1)?.command !== 'COMMIT') throw new Error('A statement of this transaction had failed.');
    for (const work of this.onCommit) work();
  }

  async rollback(): Promise<void> {
    this.end();
    await ask(this.client, 'ROLLBACK').catch(() => undefined);
  }

  private end(): void {
    this.open = false;
    // The connection is not the runner's to give back; released, it refuses what comes too late.
    void this.runner?.release();
  }

  private assertOpen(): void {
    if (!this.open) throw new Error('A query came after its transaction had ended: something was not awaited.');
  }
}

/** A query runner in a transaction that it did not begin: its own BEGIN would be one round trip more, for every write. */
const runnerOn = (dataSource: DataSource, client: PoolClient): QueryRunner =>
  Object.assign(dataSource.createQueryRunner(), {
    databaseConnection: client,
    isTransactionActive: true,
    transactionDepth: 1,
  });
