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
import { aService, openClinic, type TestClinic } from '../support/clinic.js';
import { changeContacts } from '../support/encrypted.js';
import { FakeRazorpay, type FakeWebhook } from '../support/fake-razorpay.js';
import { FakeTwilio } from '../support/fake-twilio.js';
import { png } from '../support/pictures.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { ClientLog } from './client-log.js';
import { OwnPostgres } from './own-postgres.js';
import { OwnProcess } from './own-process.js';

const run = promisify(execFile);
const [PATIENTS, DOCTORS] = [40, 4];
const [DAY, HALF_HOUR] = [86_400_000, 1_800_000];
const FILES_MEGABYTES = 64;
const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'];
/** The role of the processes. */
export const SERVING_ROLE = 'faults_app';
const POLICY = { horizonDays: 730, maxUpcomingPerClient: 1_000, reminderOffsetsMinutes: [120] };

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

/** A clinic, its service, and its times, each of which is given out once. */
export interface Practice {
  clinic: TestClinic;
  serviceId: string;
  firstStart: number;
  /** How many were given out. */
  times: number;
}

export interface FreeTime {
  doctorId: string;
  /** Epoch milliseconds. */
  start: number;
  startDateTime: string;
}

/** People, and the clinics that they use. */
interface Population {
  patients: TestPatient[];
  visits: Practice;
  deposits: Practice;
  /** For clients who are not in the log. */
  others: Practice;
  /** Services of clinics in zones whose clocks change. */
  zoneServices: ReadonlyMap<string, string>;
}

export interface Proxies {
  /** Between the API processes and PostgreSQL. */
  apiDatabase: TcpProxy;
  workerDatabase: TcpProxy;
  redis: TcpProxy;
  smtp: TcpProxy;
}

/** Who and what the faults are about: servers that the runner owns, processes, providers, and people. */
export class World {
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
    readonly folder: string,
    readonly postgres: OwnPostgres,
    public redis: RunningRedis,
    readonly app: TestApp,
    readonly smtp: SmtpSink,
    readonly twilio: FakeTwilio,
    readonly razorpay: FakeRazorpay,
    readonly proxies: Proxies,
    readonly people: Population,
    readonly picture: Buffer,
    /** The folder of the files; a file system of its own if the machine allows it. */
    readonly files: { folder: string; isOwn: boolean },
    readonly environment: Record<string, string>,
    readonly apis: OwnProcess[],
    readonly workers: OwnProcess[],
    private readonly cleanup: Cleanup,
  ) {
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
    const proxies = {
      apiDatabase: await TcpProxy.start(servingUrl),
      workerDatabase: await TcpProxy.start(servingUrl),
      redis: await TcpProxy.start(redis.url),
      smtp: await TcpProxy.start(smtp.url()),
    };
    for (const proxy of Object.values(proxies)) cleanup.add(() => proxy.close());
    const { DATABASE_TIMEOUT_SECONDS: _seconds, ...base } = app.environment;
    const environment = {
      ...{ ...base, ...PRODUCTION, ...shared, LOG_LEVEL: 'warn', REDIS_URL: proxies.redis.url },
      ...{ SMTP_URL: proxies.smtp.url, SMTP_REQUIRE_TLS: 'false', MAIL_FROM: 'CareSlot <mail@clinic.example>' },
      ...{ TWILIO_ACCOUNT_SID: twilio.accountSid, TWILIO_AUTH_TOKEN: twilio.authToken },
      ...{ TWILIO_FROM: '+15550001111', TWILIO_API_URL: twilio.url, SHUTDOWN_DRAIN_SECONDS: '4' },
    };
    const logFile = await open(join(folder, 'processes.log'), 'a');
    cleanup.add(() => logFile.close());
    const create = async (name: string, entry: string, database: TcpProxy): Promise<OwnProcess> => {
      const env = { ...environment, DATABASE_URL: database.url };
      const created = new OwnProcess(name, entry, await freePort(0), env, logFile.fd);
      cleanup.add(() => created.kill());
      return created;
    };
    const apis = [
      await create('API 1', 'src/main.ts', proxies.apiDatabase),
      await create('API 2', 'src/main.ts', proxies.apiDatabase),
    ];
    // The second worker is only started by some faults.
    const workers = [
      await create('worker 1', 'src/worker.ts', proxies.workerDatabase),
      await create('worker 2', 'src/worker.ts', proxies.workerDatabase),
    ];
    const world = new World(
      ...([folder, postgres, redis, app, smtp, twilio, razorpay, proxies, people] as const),
      ...([await png(), files, environment, apis, workers, cleanup] as const),
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

  /** A time that nobody else is given, of this doctor or of any. */
  nextTime(practice: Practice, ofDoctorId?: string): FreeTime {
    const { doctorIds } = practice.clinic;
    for (;;) {
      const index = practice.times;
      practice.times += 1;
      const start = practice.firstStart + Math.floor(index / doctorIds.length) * HALF_HOUR;
      const doctorId = doctorIds[index % doctorIds.length] as string;
      if (doctorId === (ofDoctorId ?? doctorId))
        return { doctorId, start, startDateTime: new Date(start).toISOString() };
    }
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

async function populate(app: TestApp): Promise<Population> {
  const patients = await app.patients(PATIENTS);
  for (const [index, { userId }] of patients.entries())
    await changeContacts(app, userId, { phone: `+2010055501${String(index).padStart(2, '0')}` });
  // The same patients book in all three: at the time of another visit, a booking would be refused.
  const visits = await openPractice(app, {}, 3);
  const deposits = await openPractice(app, { requiresDeposit: true }, 250);
  const others = await openPractice(app, {}, 500);
  await app.db.query(
    `INSERT INTO client_clinic (client_id, clinic_id, registered_at) SELECT id, $2, now() FROM unnest($1::uuid[]) AS p (id)`,
    [patients.map(({ clientId }) => clientId), visits.clinic.id],
  );
  const zoneServices = new Map<string, string>();
  for (const timeZone of ZONES) {
    const clinic = await openClinic(app, { timeZone, policy: { ...POLICY, slotStepMinutes: 30 } });
    zoneServices.set(timeZone, await aService(app, clinic));
  }
  return { patients, visits, deposits, others, zoneServices };
}

/** @param firstDay the day of its first time, from today */
async function openPractice(app: TestApp, policy: object, firstDay: number): Promise<Practice> {
  const clinic = await openClinic(app, { doctors: DOCTORS, policy: { ...POLICY, ...policy } });
  const serviceId = await aService(app, clinic, { price: { amount: 50_000, currency: 'INR' } });
  const today = Date.now() - (Date.now() % DAY);
  return { clinic, serviceId, firstStart: today + firstDay * DAY, times: 0 };
}
