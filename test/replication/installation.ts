import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findInstalledPostgres } from '../../tools/services/installed-postgres.js';
import { TestApp } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { PostgresNode, REPLICATION_SETTINGS } from '../support/postgres-node.js';
import { ApiProcess, TestProcess } from '../support/processes.js';
import { isReady } from '../support/readiness.js';
import { TcpProxy } from '../support/tcp-proxy.js';

/** Durable, unlike the servers of other tests. */
const SETTINGS = {
  ...REPLICATION_SETTINGS,
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '128MB',
};

const DAY = 5;
const UNFENCED_WAIT_MILLISECONDS = 1_000;
const METRICS_TOKEN = 'replication-test-metrics-token';

/** A server, and the address by which the other one replicates it. */
interface ReplicatedServer {
  server: PostgresNode;
  replicationProxy: TcpProxy;
}

/** Two PostgreSQL servers, one of which replicates the other. Their addresses stay while their roles change. */
export class DatabasePair {
  private constructor(
    private readonly folder: string,
    public primary: ReplicatedServer,
    public replica: ReplicatedServer,
    /** The address of the primary, such as a virtual IP, and of the replica. */
    readonly writes: TcpProxy,
    readonly reads: TcpProxy,
  ) {}

  static async start(): Promise<DatabasePair> {
    const folder = await mkdtemp(join(tmpdir(), 'careslot-replication-'));
    await chmod(folder, 0o755);
    const postgresFolder = await findInstalledPostgres();
    const sourceDataDir = join(folder, 'one');
    const first = await PostgresNode.start('one', sourceDataDir, postgresFolder, SETTINGS);
    // In the file too: pg_rewind ends the crash recovery of a killed server without this server's command line.
    await first.query(`ALTER SYSTEM SET wal_log_hints = 'on'`, `ALTER SYSTEM SET wal_keep_size = '1GB'`);
    const replicationProxy = await TcpProxy.start(first.url);
    const source = { source: replicationProxy.url, sourceDataDir, postgresFolder };
    const second = await PostgresNode.startReplica('two', join(folder, 'two'), source, SETTINGS);
    const primary = { server: first, replicationProxy };
    const replica = { server: second, replicationProxy: await TcpProxy.start(second.url) };
    const [writes, reads] = [await TcpProxy.start(first.url), await TcpProxy.start(second.url)];
    return new DatabasePair(folder, primary, replica, writes, reads);
  }

  /** Sets whether a commit waits until the replica has it on its disk, and waits until the replica has everything. */
  async setSynchronous(isSynchronous: boolean): Promise<void> {
    const { server } = this.primary;
    await setStandbys(server, isSynchronous ? '*' : '');
    await eventually(async () => {
      const [row] = await server.query<{ state: string }>('SELECT sync_state AS state FROM pg_stat_replication');
      if (row?.state !== (isSynchronous ? 'sync' : 'async')) throw new Error(`The replica is ${row?.state}.`);
    });
    await server.waitFor(this.replica.server.name);
  }

  /** Kills the primary, while nothing reaches its address. */
  async killPrimary(): Promise<void> {
    this.writes.refuse();
    await this.primary.server.kill();
    this.primary.replicationProxy.refuse();
  }

  /** The replica becomes the primary. It has no replica, so its commits must not wait for one. */
  async promote(): Promise<void> {
    await this.replica.server.promote();
    await setStandbys(this.replica.server, '');
    [this.primary, this.replica] = [this.replica, this.primary];
  }

  /** The address of the primary leads to the new one. */
  moveAddress(): void {
    this.writes.switchTo(this.primary.server.url);
    this.writes.accept();
  }

  /** Starts the killed server as it was, as its machine would do by itself, and tries a write. It is killed again. */
  async isOldPrimaryWritable(): Promise<boolean> {
    const { server } = this.replica;
    await server.restart();
    const written = server.query('CREATE TABLE unfenced ()').then(
      () => true,
      () => false,
    );
    const waited = pause(UNFENCED_WAIT_MILLISECONDS).then(() => false);
    const isWritable = await Promise.race([written, waited]);
    await server.kill();
    await written;
    return isWritable;
  }

  /** The killed server becomes the replica of the one that replaced it. */
  async rejoin(): Promise<void> {
    const { server, replicationProxy } = this.replica;
    this.primary.replicationProxy.switchTo(this.primary.server.url);
    this.primary.replicationProxy.accept();
    // pg_rewind reads the timeline of the last checkpoint. Before the first one after the promotion, it would find nothing to do.
    await this.primary.server.query('CHECKPOINT');
    await server.rejoin(this.primary.replicationProxy.url);
    replicationProxy.resume();
    replicationProxy.switchTo(server.url);
    replicationProxy.accept();
    this.reads.switchTo(server.url);
    // Connections to the promoted server, which is no replica any more.
    this.reads.refuse();
    this.reads.accept();
  }

  async close(): Promise<void> {
    const proxies = [this.writes, this.reads, this.primary.replicationProxy, this.replica.replicationProxy];
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await Promise.all([this.replica.server.stop(), this.primary.server.stop()]);
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function setStandbys(server: PostgresNode, names: string): Promise<void> {
  await server.query(`ALTER SYSTEM SET synchronous_standby_names = '${names}'`, 'SELECT pg_reload_conf()');
}

/** The application on such a pair: an API process, a worker, and a clinic with a doctor for each patient of the load. */
export class ReplicatedInstallation {
  private constructor(
    readonly app: TestApp,
    readonly clinic: TestClinic,
    readonly serviceId: string,
    readonly api: ApiProcess,
    readonly worker: TestProcess,
    readonly workerPort: number,
  ) {}

  /** DATABASE_URL of this process leads to the address of the primary. */
  static async start(pair: DatabasePair, doctors: number): Promise<ReplicatedInstallation> {
    const app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
    const clinic = await openClinic(app, { doctors, policy: { horizonDays: 365 } });
    const serviceId = await aService(app, clinic);
    await app.stopServing();
    const replica = new URL(app.environment.DATABASE_URL as string);
    replica.port = new URL(pair.reads.url).port;
    const environment = {
      ...app.environment,
      DATABASE_READ_URL: replica.href,
      DATABASE_TIMEOUT_SECONDS: '4',
      JOBS_IN_PROCESS: 'false',
      JWT_EXPIRES_IN: '24h',
      METRICS_TOKEN,
    };
    const api = await ApiProcess.start(environment);
    const worker = new TestProcess('src/worker.ts', { ...environment, LOG_LEVEL: 'info' });
    try {
      return new ReplicatedInstallation(app, clinic, serviceId, api, worker, await worker.listeningPort());
    } catch (error) {
      await Promise.all([api.kill(), worker.kill()]);
      throw error;
    }
  }

  get databaseName(): string {
    return new URL(this.app.environment.DATABASE_URL as string).pathname.slice(1);
  }

  /** Free start times of a doctor of the load, on a day of their own. */
  getStarts(round: number): string[] {
    return Array.from({ length: 20 }, (_, hour) => at(DAY + round, `${String(hour).padStart(2, '0')}:00`));
  }

  /** Whether API and worker are ready, without a restart. */
  async areReady(): Promise<boolean> {
    const urls = [this.api.url, `http://127.0.0.1:${this.workerPort}`];
    return (await Promise.all(urls.map(isReady))).every(Boolean);
  }

  /** Exports the clinic's appointments. @returns how many pages of exports the replica has answered so far */
  async countReplicaReads(): Promise<number> {
    const path = `${this.api.url}/api/v1/exports/appointments?clinicId=${this.clinic.id}`;
    await fetch(path, { headers: { authorization: `Bearer ${this.clinic.admin}` } }).then((answer) => answer.text());
    const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
    const metrics = await (await fetch(`${this.api.url}/metrics`, { headers })).text();
    return Number(/^careslot_db_replica_reads_total\{server="replica"\} (\d+)/m.exec(metrics)?.[1] ?? 0);
  }

  async close(): Promise<void> {
    await Promise.all([this.api.kill(), this.worker.kill()]);
    await this.app.close();
  }
}
