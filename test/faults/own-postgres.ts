import { findInstalledPostgres } from '../../tools/services/installed-postgres.js';
import { startPostgres, type RunningPostgres } from '../../tools/services/postgres.js';
import { killWithChildren } from '../support/kill.js';

/** As in production, unlike the servers of other tests: what was committed survives the death of all processes. */
const DURABLE = {
  ...{ fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on', wal_level: 'replica', max_wal_senders: 4 },
  ...{ autovacuum_naptime: '1min', checkpoint_timeout: '5min' },
};

/** Loses the last commits when it is killed, so that the checks have something to find. */
const LOSSY = { synchronous_commit: 'off', wal_writer_delay: '10s', wal_writer_flush_after: '1GB' };

/** A PostgreSQL that the runner can kill, and start again with its data and port. */
export class OwnPostgres {
  private constructor(
    private readonly folder: string,
    private readonly settings: Record<string, string | number>,
    /** Null: the embedded server, without pg_dump. */
    readonly installed: string | null,
    private running: RunningPostgres,
  ) {}

  static async start(folder: string, isLossy: boolean): Promise<OwnPostgres> {
    const installed = await findInstalledPostgres().catch(() => null);
    const settings = { ...DURABLE, ...(isLossy && LOSSY) };
    return new OwnPostgres(folder, settings, installed, await run(folder, settings, installed, 0));
  }

  get url(): string {
    return this.running.url;
  }

  /** SIGKILL for the postmaster and all of its processes. */
  async kill(): Promise<void> {
    await killWithChildren(this.running.pid);
    await this.running.stop();
  }

  /** @param signal SIGINT: fast; SIGQUIT: immediate, without a checkpoint */
  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    if (signal === 'SIGQUIT') process.kill(this.running.pid, 'SIGQUIT');
    await this.running.stop();
  }

  async startAgain(): Promise<void> {
    this.running = await run(this.folder, this.settings, this.installed, Number(new URL(this.url).port));
  }
}

const run = (
  folder: string,
  settings: Record<string, string | number>,
  installed: string | null,
  port: number,
): Promise<RunningPostgres> =>
  startPostgres({
    ...{ dataDir: folder, ephemeral: true, log: () => undefined, settings, port },
    ...(installed && { postgresFolder: installed }),
  });
