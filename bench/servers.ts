import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ConfigSchema } from '../src/core/config/config.js';
import { freePort, hasExited, stopChild } from '../tools/services/children.js';
import { CLIENTS } from './dataset.js';
import { FIELD_KEYS } from './field-keys.js';

const dist = join(dirname(fileURLToPath(import.meta.url)), '..');
const START_WITHIN_MILLISECONDS = 30_000;
const ANSWERS_WITHIN_MILLISECONDS = 5_000;
const STOP_WITHIN_MILLISECONDS = 15_000;
/** The clock ticks per second of /proc/<pid>/stat: 100 on every Linux that Node.js supports. */
const TICK_MILLISECONDS = 10;

const SAMPLE_MILLISECONDS = 200;
/** Less CPU time than this in one sample counts as idle. */
const IDLE_MILLISECONDS = 30;
const MAX_SAMPLES = 150;

/** An empty variable counts as not set, and it overrides a setting in `.env`. */
const NOT_SET = Object.fromEntries(Object.keys(ConfigSchema.shape).map((name) => [name, '']));

const POOL_SIZE = 10;
const METRICS_TOKEN = 'the-metrics-of-the-bench';

export interface StartOptions {
  name: string;
  databaseUrl: string;
  redisUrl: string;
  secret: string;
  /** Clients in the database. */
  clients?: number;
  /** The file for stdout and stderr. */
  logFile: string;
  /** The folder for CPU profiles, which are written when the server stops. */
  profileDir?: string;
  /** The port. Default: a free port. */
  port?: number;
  /** Variables in addition to those that every server gets. */
  env?: Record<string, string>;
}

/** One server under test, in a separate process. */
export class ServerProcess {
  private constructor(
    readonly name: string,
    readonly url: string,
    readonly clients: number,
    private readonly child: ChildProcess,
  ) {}

  /** The API as in docker-compose.yml, with the jobs in a worker. */
  static careslot(options: StartOptions): Promise<ServerProcess> {
    return ServerProcess.start('src/main.js', {
      ...options,
      env: { JOBS_IN_PROCESS: 'false', METRICS_TOKEN, ...options.env },
    });
  }

  static reference(options: StartOptions): Promise<ServerProcess> {
    return ServerProcess.start('bench/reference/server.js', options);
  }

  /** Only Express and the search of patients in plain tables. */
  static searchReference(options: StartOptions): Promise<ServerProcess> {
    return ServerProcess.start('bench/reference/search.js', options);
  }

  /** Only Express and the statements of a clinic's day. */
  static dayReference(options: StartOptions): Promise<ServerProcess> {
    return ServerProcess.start('bench/reference/day.js', options);
  }

  /** Only Express and busboy. With REFERENCE_PICTURES, also the work that sharp does for a served image. */
  static bareUploads(options: StartOptions): Promise<ServerProcess> {
    return ServerProcess.start('bench/reference/uploads.js', options);
  }

  /** The worker, which runs the background jobs. */
  static worker(options: StartOptions): ServerProcess {
    return ServerProcess.spawn('src/worker.js', options, 0);
  }

  /** A fake language model that sends words at a fixed pace. */
  static model(options: StartOptions): Promise<ServerProcess> {
    return ServerProcess.start('bench/reference/model.js', options);
  }

  /** Express and fetch: passes a model's stream on. */
  static chatProxy(options: StartOptions): Promise<ServerProcess> {
    return ServerProcess.start('bench/reference/chat-proxy.js', options);
  }

  private static async start(script: string, options: StartOptions): Promise<ServerProcess> {
    const server = ServerProcess.spawn(script, options, options.port ?? (await freePort(0)));
    await server.ready(options.logFile);
    return server;
  }

  private static spawn(script: string, options: StartOptions, port: number): ServerProcess {
    const profile = options.profileDir ? ['--cpu-prof', `--cpu-prof-dir=${options.profileDir}`] : [];
    const logFile = openSync(options.logFile, 'w');
    const child = spawn(process.execPath, [...profile, join(dist, script)], {
      env: { PATH: process.env.PATH, ...NOT_SET, ...environment(options), ...options.env, PORT: String(port) },
      stdio: ['ignore', logFile, logFile],
    });
    closeSync(logFile);
    // Also when the benchmark is interrupted.
    process.once('exit', () => child.kill('SIGKILL'));
    return new ServerProcess(options.name, `http://127.0.0.1:${port}`, options.clients ?? CLIENTS, child);
  }

  /** CPU time of all threads of the process so far, in milliseconds. NaN on a system without /proc. */
  async cpu(): Promise<number> {
    const stat = await readFile(`/proc/${this.child.pid}/stat`, 'utf8').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MILLISECONDS;
  }

  /** Waits until the server is idle: when a run ends, requests are still in progress, and they must not affect the next run. */
  async untilIdle(): Promise<void> {
    for (let sample = 0; sample < MAX_SAMPLES; sample += 1) {
      const before = await this.cpu();
      await sleep(SAMPLE_MILLISECONDS);
      // Also stops on a system without /proc, where the CPU time is NaN.
      if (!((await this.cpu()) - before >= IDLE_MILLISECONDS)) return;
    }
  }

  /** Resident memory in MiB: now, and the peak. */
  async memory(): Promise<{ now: number; peak: number }> {
    const status = await readFile(`/proc/${this.child.pid}/status`, 'utf8').catch(() => '');
    const read = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
    return { now: read('VmRSS'), peak: read('VmHWM') };
  }

  /** Returns its metrics in Prometheus' text format; null if it has none. */
  async metrics(): Promise<string | null> {
    const headers = { Authorization: `Bearer ${METRICS_TOKEN}` };
    const answer = await fetch(`${this.url}/metrics`, { headers }).catch(() => null);
    return answer?.ok ? answer.text() : null;
  }

  stop(): Promise<void> {
    return stopChild(this.child, 'SIGTERM', STOP_WITHIN_MILLISECONDS);
  }

  /** Ends the process with SIGKILL, as the operating system does when memory runs out. */
  async kill(): Promise<void> {
    await stopChild(this.child, 'SIGKILL');
  }

  private async ready(logFile: string): Promise<void> {
    const deadline = Date.now() + START_WITHIN_MILLISECONDS;
    while (Date.now() < deadline && !hasExited(this.child)) {
      const signal = AbortSignal.timeout(ANSWERS_WITHIN_MILLISECONDS);
      const answer = await fetch(`${this.url}/health/live`, { signal }).catch(() => null);
      if (answer?.ok) return;
      await sleep(100);
    }
    await this.stop();
    throw new Error(`${this.name} did not start. Its output:\n${await readFile(logFile, 'utf8')}`);
  }
}

const environment = ({ databaseUrl, redisUrl, secret }: StartOptions): Record<string, string> => ({
  NODE_ENV: 'production',
  PUBLIC_URL: 'http://127.0.0.1',
  FRONTEND_WEB_URL: 'http://127.0.0.1:5173',
  WORKER_PORT: '0',
  HOST: '127.0.0.1',
  DATABASE_URL: databaseUrl,
  DATABASE_POOL_SIZE: String(POOL_SIZE),
  REDIS_URL: redisUrl,
  JWT_SECRET: secret,
  FIELD_ENCRYPTION_KEYS: FIELD_KEYS,
  LOG_LEVEL: 'info',
  RATE_LIMIT_PER_MINUTE: '100000000',
  // The same patients book in every round of a race.
  VISIT_CHANGES_PER_10_MINUTES: '100000000',
  SHUTDOWN_DRAIN_SECONDS: '0',
  // Each sign-in and each reset of a password has another address in X-Forwarded-For.
  TRUST_PROXY: '1',
});
