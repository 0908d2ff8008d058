import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { findInstalledPostgres } from '../../tools/services/installed-postgres.js';
import { startPostgres, type RunningPostgres } from '../../tools/services/postgres.js';

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
    const { pid } = this.running;
    const processes = await this.children();
    for (const one of [pid, ...processes]) killNow(one);
    await this.running.stop();
    while ((await Promise.all(processes.map(isRunning))).includes(true)) await sleep(20);
  }

  /** @param signal SIGINT: fast; SIGQUIT: immediate, without a checkpoint */
  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    if (signal === 'SIGQUIT') process.kill(this.running.pid, 'SIGQUIT');
    await this.running.stop();
  }

  async startAgain(): Promise<void> {
    this.running = await run(this.folder, this.settings, this.installed, Number(new URL(this.url).port));
  }

  /** The processes of the server without its postmaster. */
  async children(): Promise<number[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const found = await Promise.all(
      pids.map(async (pid) => {
        const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
        const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return Number(parent) === this.running.pid ? Number(pid) : null;
      }),
    );
    return found.filter((pid) => pid !== null);
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

export function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** A zombie does not count. */
async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
}
