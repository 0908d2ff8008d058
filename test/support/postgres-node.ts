import { execFile } from 'node:child_process';
import { copyFile, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { startPostgres, type RunningPostgres, type ServiceOptions } from '../../tools/services/postgres.js';
import { eventually } from './eventually.js';
import { killWithChildren } from './kill.js';

const run = promisify(execFile);

/** What a primary needs for replicas and pg_rewind, instead of the settings of other tests. */
export const REPLICATION_SETTINGS = {
  wal_level: 'replica',
  max_wal_senders: 10,
  wal_keep_size: '1GB',
  wal_log_hints: 'on',
  hot_standby: 'on',
} as const;

type Settings = NonNullable<ServiceOptions['settings']>;

/** An installed PostgreSQL server of a primary and its replicas, which a test can freeze, kill, promote and rewind. */
export class PostgresNode {
  private constructor(
    /** The name by which a primary knows it, if it is a replica. */
    readonly name: string,
    private readonly dataDir: string,
    private readonly postgresFolder: string,
    private readonly settings: Settings,
    private service: RunningPostgres,
  ) {}

  static async start(name: string, dataDir: string, postgresFolder: string, settings: Settings): Promise<PostgresNode> {
    return new PostgresNode(
      name,
      dataDir,
      postgresFolder,
      settings,
      await startServer(dataDir, postgresFolder, settings),
    );
  }

  /** Copies a server by pg_basebackup and starts the copy as its replica. @param source the server, or a proxy before it */
  static async startReplica(
    name: string,
    dataDir: string,
    { source, sourceDataDir, postgresFolder }: { source: string; sourceDataDir: string; postgresFolder: string },
    settings: Settings,
  ): Promise<PostgresNode> {
    await mkdir(dataDir, { recursive: true });
    await copyFile(join(sourceDataDir, 'postgres-password'), join(dataDir, 'postgres-password'));
    const cluster = join(dataDir, 'postgres');
    await run(join(postgresFolder, 'bin/pg_basebackup'), [
      ...['-d', toConninfo(source, name), '-D', cluster, '--checkpoint=fast', '--write-recovery-conf'],
    ]);
    const { uid, gid } = await stat(join(sourceDataDir, 'postgres'));
    await run('chown', ['-R', `${uid}:${gid}`, cluster]);
    return PostgresNode.start(name, dataDir, postgresFolder, settings);
  }

  get url(): string {
    return this.service.url;
  }

  /** Runs statements as the administrator. @returns the rows of the last one */
  query<Row extends pg.QueryResultRow>(...statements: string[]): Promise<Row[]> {
    return this.queryIn('postgres', ...statements);
  }

  async queryIn<Row extends pg.QueryResultRow>(database: string, ...statements: string[]): Promise<Row[]> {
    const url = new URL(this.url);
    url.pathname = `/${database}`;
    const db = new pg.Client({ connectionString: url.href });
    // The server may be killed: a running statement fails also without this event.
    db.on('error', () => undefined);
    await db.connect();
    try {
      let rows: Row[] = [];
      for (const statement of statements) ({ rows } = await db.query<Row>(statement));
      return rows;
    } finally {
      await db.end();
    }
  }

  /** Stops replaying: from now on, the replica has the rows of this moment. */
  async pause(): Promise<void> {
    await this.query('SELECT pg_wal_replay_pause()');
    await eventually(async () => {
      const [row] = await this.query<{ state: string }>('SELECT pg_get_wal_replay_pause_state() AS state');
      if (row?.state !== 'paused') throw new Error('The replica still replays.');
    });
  }

  async resume(): Promise<void> {
    await this.query('SELECT pg_wal_replay_resume()');
  }

  /** Waits until the replica of this name has replayed everything that this primary has written until now. */
  async waitFor(replica: string): Promise<void> {
    const [now] = await this.query<{ lsn: string }>('SELECT pg_current_wal_flush_lsn()::text AS lsn');
    await eventually(async () => {
      const rows = await this.query(
        `SELECT FROM pg_stat_replication WHERE application_name = '${replica}' AND replay_lsn >= '${now?.lsn}'`,
      );
      if (rows.length === 0) throw new Error(`${replica} is behind.`);
    });
  }

  /** Makes a replica a primary. */
  async promote(): Promise<void> {
    await this.query('SELECT pg_promote(true, 60)');
  }

  /** Sends SIGKILL to the server and to the process of each connection, as the loss of the machine would end them. */
  async kill(): Promise<void> {
    await killWithChildren(this.service.pid);
    await this.service.stop();
  }

  /** Makes a killed primary a replica of the server that replaced it: pg_rewind undoes what only it had committed. */
  async rejoin(source: string): Promise<void> {
    const cluster = join(this.dataDir, 'postgres');
    const { uid, gid } = await stat(cluster);
    await run(
      join(this.postgresFolder, 'bin/pg_rewind'),
      ['--target-pgdata', cluster, '--source-server', toConninfo(source, this.name), '--write-recovery-conf'],
      { uid, gid, cwd: '/' },
    );
    await this.restart();
  }

  /** Starts a killed server again as what it was, as its machine would do by itself. */
  async restart(): Promise<void> {
    this.service = await startServer(this.dataDir, this.postgresFolder, this.settings);
  }

  stop(): Promise<void> {
    return this.service.stop();
  }
}

const startServer = (dataDir: string, postgresFolder: string, settings: Settings): Promise<RunningPostgres> =>
  startPostgres({ dataDir, ephemeral: true, log: () => undefined, postgresFolder, settings });

/** The address of a server for libpq, which writes it to the replica's configuration. */
function toConninfo(url: string, name: string): string {
  const { hostname, port, username, password } = new URL(url);
  return `host=${hostname} port=${port} user=${username} password=${password} dbname=postgres application_name=${name}`;
}
