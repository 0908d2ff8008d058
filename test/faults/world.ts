import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createRoles } from '../../src/core/database/roles.js';
import { migrate } from '../../src/migrate.js';
import { freePort } from '../../tools/services/children.js';
import { startRedis, type RunningRedis } from '../../tools/services/redis.js';
import { PRODUCTION, TestApp, type TestPatient } from '../support/app.js';
import { FakeRazorpay, type FakeWebhook } from '../support/fake-razorpay.js';
import { FakeTwilio } from '../support/fake-twilio.js';
import { png } from '../support/pictures.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { ClientLog } from './client-log.js';
import { OwnPostgres } from './own-postgres.js';
import { OwnProcess } from './own-process.js';
import { populate, type Population, type Practice } from './population.js';

const run = promisify(execFile);
const FILES_MEGABYTES = 64;
/** The role of the processes. */
export const SERVING_ROLE = 'faults_app';

interface Role {
  role: string;
  password: string;
}

/** What must be closed at the end, the last first. */
class Cleanup {
  private readonly steps: (() => Promise<unknown>)[] = [];

  add(step: () => Promise<unknown>): void {
    this.steps.unshift(step);
  }

  async run(): Promise<void> {
    for (const step of this.steps.splice(0))
      await step().catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
  }
}

export interface Proxies {
  /** Between the API processes and PostgreSQL. */
  apiDatabase: TcpProxy;
  workerDatabase: TcpProxy;
  redis: TcpProxy;
  smtp: TcpProxy;
}

/** What a world consists of. */
interface WorldParts {
  folder: string;
  postgres: OwnPostgres;
  redis: RunningRedis;
  app: TestApp;
  smtp: SmtpSink;
  twilio: FakeTwilio;
  razorpay: FakeRazorpay;
  proxies: Proxies;
  people: Population;
  picture: Buffer;
  /** The folder of the files; a file system of its own if the machine allows it. */
  files: { folder: string; isOwn: boolean };
  environment: Record<string, string>;
  apis: OwnProcess[];
  workers: OwnProcess[];
}

/** Who and what the faults are about: servers that the runner owns, processes, providers, and people. */
export class World implements WorldParts {
  readonly folder: string;
  readonly postgres: OwnPostgres;
  redis: RunningRedis;
  readonly app: TestApp;
  readonly smtp: SmtpSink;
  readonly twilio: FakeTwilio;
  readonly razorpay: FakeRazorpay;
  readonly proxies: Proxies;
  readonly people: Population;
  readonly picture: Buffer;
  readonly files: { folder: string; isOwn: boolean };
  readonly environment: Record<string, string>;
  readonly apis: OwnProcess[];
  readonly workers: OwnProcess[];
  readonly log = new ClientLog();
  /** What a client or a probe saw that must not happen. */
  readonly problems: string[] = [];
  /** Of 100 changes, how many are sent to both processes at the same time. */
  doublePercent = 0;
  kills = 0;
  /** The processes that a fault may kill. */
  killable: OwnProcess[];
  /** How long the processes took to start, which depends on the machine. */
  startSeconds = 0;
  /** The visits whose reminder was made due. */
  readonly remindedIds = new Set<string>();
  /** The scans whose files were compared with their hashes. */
  readonly hashedScanIds = new Set<string>();
  /** Webhooks that were received. */
  readonly webhooks: FakeWebhook[] = [];
  private readonly reported = new Set<string>();

  private constructor(
    parts: WorldParts,
    private readonly cleanup: Cleanup,
  ) {
    this.folder = parts.folder;
    this.postgres = parts.postgres;
    this.redis = parts.redis;
    this.app = parts.app;
    this.smtp = parts.smtp;
    this.twilio = parts.twilio;
    this.razorpay = parts.razorpay;
    this.proxies = parts.proxies;
    this.people = parts.people;
    this.picture = parts.picture;
    this.files = parts.files;
    this.environment = parts.environment;
    this.apis = parts.apis;
    this.workers = parts.workers;
    this.killable = this.processes;
  }

  /** @param isLossy with a PostgreSQL that acknowledges commits before they are durable */
  static async open(isLossy = false): Promise<World> {
    const cleanup = new Cleanup();
    try {
      return await World.build(cleanup, isLossy);
    } catch (error) {
      await cleanup.run();
      throw error;
    }
  }

  private static async build(cleanup: Cleanup, isLossy: boolean): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'careslot-faults-'));
    // The user of PostgreSQL must be able to enter it.
    await chmod(folder, 0o755);
    const postgres = await OwnPostgres.start(folder, isLossy);
    cleanup.add(() => postgres.stop());
    const redis = await startRedis({ dataDir: folder, log: () => undefined, ephemeral: true });
    cleanup.add(() => redis.kill());
    await migrate(postgres.url);
    const administration = new URL(postgres.url);
    administration.pathname = '/postgres';
    Object.assign(process.env, {
      ...{ DATABASE_URL: administration.href, REDIS_URL: redis.url, TEMPLATE_DATABASE: 'careslot' },
    });
    const smtp = await new SmtpSink().start();
    const twilio = await new FakeTwilio().start();
    const razorpay = await new FakeRazorpay().start();
    for (const provider of [smtp, twilio, razorpay]) cleanup.add(() => provider.close());
    const files = await createFiles(folder, cleanup);
    const shared = {
      ...{ JWT_SECRET: PRODUCTION.JWT_SECRET, JWT_EXPIRES_IN: '12h', JOBS_IN_PROCESS: 'false' },
      ...{ STORAGE_DIR: files.folder, ...razorpay.environment },
    };
    const app = await TestApp.start(shared);
    cleanup.add(() => app.db.end());
    const people = await populate(app);
    const servingUrl = await createServingRole(app.environment.DATABASE_URL as string);
    await app.stopServing();
    const proxies = await openProxies(servingUrl, { redisUrl: redis.url, smtpUrl: smtp.url() }, cleanup);
    const { DATABASE_TIMEOUT_SECONDS: _seconds, ...base } = app.environment;
    const environment = {
      ...{ ...base, ...PRODUCTION, ...shared, LOG_LEVEL: 'warn', REDIS_URL: proxies.redis.url },
      ...{ SMTP_URL: proxies.smtp.url, SMTP_REQUIRE_TLS: 'false', MAIL_FROM: 'CareSlot <mail@clinic.example>' },
      ...{ TWILIO_ACCOUNT_SID: twilio.accountSid, TWILIO_AUTH_TOKEN: twilio.authToken },
      ...{ TWILIO_FROM: '+15550001111', TWILIO_API_URL: twilio.url, SHUTDOWN_DRAIN_SECONDS: '4' },
    };
    const processes = await createProcesses(environment, proxies, { folder, cleanup });
    const providers = { smtp, twilio, razorpay, proxies };
    const world = new World(
      { folder, postgres, redis, app, ...providers, people, picture: await png(), files, environment, ...processes },
      cleanup,
    );
    cleanup.add(() => world.redis.kill());
    const started = performance.now();
    await Promise.all(world.processes.map((one) => one.start()));
    world.startSeconds = (performance.now() - started) / 1_000;
    return world;
  }

  get patients(): TestPatient[] {
    return this.people.patients;
  }

  /** The clinic whose visits are booked, moved and cancelled. */
  get visits(): Practice {
    return this.people.visits;
  }

  /** The clinic whose visits are paid for. */
  get deposits(): Practice {
    return this.people.deposits;
  }

  get worker(): OwnProcess {
    return this.workers[0] as OwnProcess;
  }

  /** Those that always run. */
  get processes(): OwnProcess[] {
    return [...this.apis, this.worker];
  }

  /** What was not reported before: what is wrong once may stay wrong. */
  onlyNew(problems: readonly string[]): string[] {
    const latest = problems.filter((problem) => !this.reported.has(problem));
    for (const problem of latest) this.reported.add(problem);
    return latest;
  }

  async rows<Row extends object>(sql: string, ...values: unknown[]): Promise<Row[]> {
    return (await this.app.db.query<Row>(sql, values)).rows;
  }

  /** Replaces Redis by an empty one on the same port. */
  async startRedisAgain(): Promise<void> {
    const port = Number(new URL(this.redis.url).port);
    this.redis = await startRedis({ dataDir: this.folder, log: () => undefined, ephemeral: true, port });
  }

  /** @param keepsFolder keeps the data and the logs of the servers and processes */
  async close(keepsFolder: boolean): Promise<void> {
    await this.cleanup.run();
    if (!keepsFolder) await rm(this.folder, { recursive: true, force: true });
  }
}

async function createFiles(folder: string, cleanup: Cleanup): Promise<World['files']> {
  const files = join(folder, 'files');
  await mkdir(files);
  const isOwn = await run('mount', ['-t', 'tmpfs', '-o', `size=${FILES_MEGABYTES}m`, 'tmpfs', files]).then(
    () => true,
    () => false,
  );
  if (isOwn) cleanup.add(() => run('umount', ['-l', files]));
  return { folder: files, isOwn };
}

/** @returns the URL of the role that the processes use */
async function createServingRole(databaseUrl: string): Promise<string> {
  const password = randomBytes(12).toString('hex');
  const [owner, app] = ['faults_owner', SERVING_ROLE].map((role) => ({ role, password })) as [Role, Role];
  await createRoles({ databaseUrl, owner, app });
  const url = new URL(databaseUrl);
  url.username = SERVING_ROLE;
  url.password = password;
  return url.href;
}

async function openProxies(
  databaseUrl: string,
  { redisUrl, smtpUrl }: { redisUrl: string; smtpUrl: string },
  cleanup: Cleanup,
): Promise<Proxies> {
  const proxies = {
    apiDatabase: await TcpProxy.start(databaseUrl),
    workerDatabase: await TcpProxy.start(databaseUrl),
    redis: await TcpProxy.start(redisUrl),
    smtp: await TcpProxy.start(smtpUrl),
  };
  for (const proxy of Object.values(proxies)) cleanup.add(() => proxy.close());
  return proxies;
}

/** The processes, which do not run yet. */
async function createProcesses(
  environment: Record<string, string>,
  { apiDatabase, workerDatabase }: Proxies,
  { folder, cleanup }: { folder: string; cleanup: Cleanup },
): Promise<Pick<WorldParts, 'apis' | 'workers'>> {
  const logFile = await open(join(folder, 'processes.log'), 'a');
  cleanup.add(() => logFile.close());
  const create = async (name: string, entry: string, database: TcpProxy): Promise<OwnProcess> => {
    const env = { ...environment, DATABASE_URL: database.url };
    const created = new OwnProcess(name, entry, await freePort(0), env, logFile.fd);
    cleanup.add(() => created.kill());
    return created;
  };
  return {
    apis: [await create('API 1', 'src/main.ts', apiDatabase), await create('API 2', 'src/main.ts', apiDatabase)],
    // The second worker is only started by some faults.
    workers: [
      await create('worker 1', 'src/worker.ts', workerDatabase),
      await create('worker 2', 'src/worker.ts', workerDatabase),
    ],
  };
}
