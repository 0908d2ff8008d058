import type { FactoryProvider, OnApplicationShutdown, OnModuleDestroy } from '@nestjs/common';
import { Pool } from 'pg';
import type { Logger } from 'pino';
import { Counter } from 'prom-client';
import { Config } from '../config/config.js';
import { currentContext, runInContext } from '../context/request-context.js';
import { LOGGER } from '../logging/logger.js';
import { registry } from '../metrics/registry.js';
import { measurePool } from './connection-times.js';
import { isValueError } from './database-errors.js';
import { Database } from './database.js';
import { queryPool } from './pool-query.js';
import { ReplicaLag, WRITTEN } from './replica-lag.js';
import { prepared } from './statements.js';
import { traceStatement } from './statement-spans.js';

/** Few: only exports and reports read the replica. */
const MAX_CONNECTIONS = 4;
const CONNECT_MILLISECONDS = 1_000;

const reads = new Counter({
  name: 'careslot_db_replica_reads_total',
  help: 'Reads that a replica may answer, by the server that answered: the replica, or the primary because the replica was late or failed',
  labelNames: ['server'] as const,
  registers: [registry],
});

/** Allows that `ReplicaReads` within the work return rows that are some seconds old. All other reads are those of the primary. */
export const allowOldRows = <T>(work: () => T): T => runInContext({ ...currentContext(), allowsOldRows: true }, work);

/**
 * Reads that a replica answers, if there is one (DATABASE_READ_URL). A repository uses it only for statements whose rows decide nothing,
 * and only the use cases that `allowOldRows` get old rows. Outside of them, in a transaction, and while the replica lags too far behind
 * or fails, the primary answers (ADR 18).
 */
export class ReplicaReads implements OnModuleDestroy, OnApplicationShutdown {
  /** @param replica null if there is none */
  constructor(
    private readonly db: Database,
    private readonly replica: { pool: Pool; lag: ReplicaLag } | null,
  ) {}

  static create(db: Database, config: Config, logger: Logger): ReplicaReads {
    const { DATABASE_READ_URL: url, DATABASE_READ_MAX_LAG_SECONDS, DATABASE_TIMEOUT_SECONDS } = config;
    if (url === undefined) return new ReplicaReads(db, null);
    const readWritten = async (): Promise<number> => (await db.row<{ bytes: number }>(WRITTEN))?.bytes ?? 0;
    const lag = new ReplicaLag(url, DATABASE_READ_MAX_LAG_SECONDS, readWritten, logger);
    return new ReplicaReads(db, { pool: createPool(url, DATABASE_TIMEOUT_SECONDS * 1_000), lag });
  }

  /** As `Database.rows`. */
  async rows<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const { replica } = this;
    if (!replica || !currentContext().allowsOldRows || this.db.inTransaction) return this.db.rows(text, values);
    if (replica.lag.isCurrent) {
      try {
        const statement = prepared(text, values);
        const { rows } = await traceStatement(statement, () => queryPool<Row>(replica.pool, statement));
        reads.inc({ server: 'replica' });
        return rows;
      } catch (error) {
        // Also a conflict with what the replica is replaying. An error of the statement itself comes again from the primary.
        if (!isValueError(error)) replica.lag.reportFailedRead(error);
      }
    }
    reads.inc({ server: 'primary' });
    return this.db.rows(text, values);
  }

  /** As `Database.row`. */
  async row<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row | null> {
    return (await this.rows<Row>(text, values))[0] ?? null;
  }

  onModuleDestroy(): void {
    this.replica?.lag.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.replica?.pool.end();
  }
}

export const REPLICA_READS: FactoryProvider<ReplicaReads> = {
  provide: ReplicaReads,
  inject: [Database, Config, LOGGER],
  useFactory: (db: Database, config: Config, logger: Logger) => ReplicaReads.create(db, config, logger),
};

/** A read waits half of the time that it may wait, so that the primary can still answer. */
function createPool(url: string, timeout: number): Pool {
  const pool = new Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    statement_timeout: timeout / 2,
    query_timeout: timeout / 2,
    keepAlive: true,
    application_name: 'careslot-read',
    // As for the primary (data-source.ts): no time limit interrupts the compilation of a statement.
    options: '-c jit=off',
  });
  // Without a listener, the error of an idle connection would end the process.
  pool.on('error', () => undefined);
  measurePool(pool, 'replica');
  return pool;
}
