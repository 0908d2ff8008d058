import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';

const SAMPLE_EVERY_MS = 40;

/** Measures how long statements wait for locks of tables, by samples of pg_locks. */
export class LockWaits {
  private longest = 0;
  private isStopped = false;
  private readonly sampling: Promise<void>;

  constructor(private readonly db: Pool) {
    this.sampling = this.sample();
  }

  /** @returns the longest wait in milliseconds */
  async stop(): Promise<number> {
    this.isStopped = true;
    await this.sampling;
    return this.longest;
  }

  private async sample(): Promise<void> {
    while (!this.isStopped) {
      const { rows } = await this.db.query<{ ms: number }>(
        `SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)) * 1000, 0)::float AS ms
         FROM pg_locks JOIN pg_database d ON d.oid = database
         WHERE datname = current_database() AND locktype = 'relation' AND NOT granted`,
      );
      this.longest = Math.max(this.longest, rows[0]?.ms ?? 0);
      await pause(SAMPLE_EVERY_MS);
    }
  }
}
