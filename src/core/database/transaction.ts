import type { QueryRunner } from 'typeorm';
import type { PoolClient } from 'pg';

/** One open unit of work: TypeORM's query runner and the pg client below it are the same connection. */
export class Transaction {
  private open = true;
  private readonly onCommit: (() => void)[] = [];

  constructor(
    readonly runner: QueryRunner,
    private readonly connection: PoolClient,
  ) {}

  /** @throws Error if the unit has ended: a query that was not awaited would run outside of it, unseen */
  get client(): PoolClient {
    this.assertOpen();
    return this.connection;
  }

  get manager(): QueryRunner['manager'] {
    this.assertOpen();
    return this.runner.manager;
  }

  afterCommit(work: () => void): void {
    this.assertOpen();
    this.onCommit.push(work);
  }

  close(): void {
    this.open = false;
  }

  committed(): void {
    for (const work of this.onCommit) work();
  }

  private assertOpen(): void {
    if (!this.open) throw new Error('A query came after its transaction had ended: something was not awaited.');
  }
}
