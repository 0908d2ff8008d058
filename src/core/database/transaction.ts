import type { PoolClient, QueryResult, QueryResultRow } from 'pg';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { ask } from './ask.js';
import type { Statement, Statements } from './statements.js';

/**
 * One open unit of work: hand-written SQL and TypeORM's repositories on the same connection. It has one from its first
 * statement on: what is refused before that costs nothing.
 */
export class Transaction {
  private open = true;
  private client: Promise<PoolClient> | null = null;
  private begun: Promise<QueryResult> | null = null;
  private runner: QueryRunner | null = null;
  private readonly last: Statement[] = [];
  private readonly onCommit: (() => void)[] = [];

  /** @param take a connection from the pool; whoever gave it takes it back */
  constructor(
    private readonly dataSource: DataSource,
    private readonly statements: Statements,
    private readonly take: () => Promise<PoolClient>,
  ) {}

  /** @throws Error if the unit has ended: a query that was not awaited would run outside of it, unseen */
  async query<Row extends QueryResultRow>(statement: Statement): Promise<QueryResult<Row>> {
    this.assertOpen();
    return ask(await this.connection(), this.statements.prepared(statement));
  }

  get manager(): EntityManager {
    this.assertOpen();
    return (this.runner ??= runnerOn(this.dataSource, this.connection())).manager;
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
    if (this.client || this.last.length > 0) await this.send();
    for (const work of this.onCommit) work();
  }

  async rollback(): Promise<void> {
    this.end();
    const client = await this.client?.catch(() => null);
    if (client) await ask(client, 'ROLLBACK').catch(() => undefined);
  }

  private async send(): Promise<void> {
    const client = await this.connection();
    const last = [...this.statements.together(this.last), 'COMMIT'].map((statement) => ask(client, statement));
    const answers = await Promise.all([this.begun, ...last]);
    // So also where a use case went on after a statement that had failed: nothing of it would have been kept.
    if (answers.at(-1)?.command !== 'COMMIT') throw new Error('A statement of this transaction had failed.');
  }

  private connection(): Promise<PoolClient> {
    return (this.client ??= this.begin());
  }

  /** BEGIN is not waited for: it goes out with the first statement, which can't be answered before it. */
  private async begin(): Promise<PoolClient> {
    const client = await this.take();
    this.begun = ask(client, 'BEGIN');
    // Heard at the commit; a failure before it is that of the connection, and every statement has it too.
    this.begun.catch(() => undefined);
    return client;
  }

  /** Takes no more statements; commit or rollback are still to come. */
  end(): void {
    this.open = false;
    // The connection is not the runner's to give back; released, it refuses what comes too late.
    void this.runner?.release();
  }

  private assertOpen(): void {
    if (!this.open) throw new Error('A query came after its transaction had ended: something was not awaited.');
  }
}

/** A query runner in a transaction that it did not begin: its own BEGIN would be one round trip more, for every write. */
const runnerOn = (dataSource: DataSource, client: Promise<PoolClient>): QueryRunner =>
  Object.assign(dataSource.createQueryRunner(), {
    databaseConnectionPromise: client,
    isTransactionActive: true,
    transactionDepth: 1,
  });
