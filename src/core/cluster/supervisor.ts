import { fork } from 'node:child_process';
import cluster from 'node:cluster';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { processEnvironment } from '../config/environment.js';
import { isBearerToken } from '../health/bearer-token.js';
import type { ProbeReport } from '../health/probe-server.js';
import { DomainError } from '../kernel/domain-error.js';
import { aggregateMetrics } from './process-metrics.js';
import { SupervisedProcess } from './supervised-process.js';

/** More than an API process takes after its drain (12 s) and a worker (10 s). */
const CLOSE_MILLISECONDS = 15_000;

export interface Programs {
  api: string;
  worker: string;
  /** A folder for the sockets between API processes. */
  folder: string;
}

/** The processes of a cluster: starts, watches, replaces and stops them, and reports on them. */
export class Supervisor implements ProbeReport {
  private readonly processes: SupervisedProcess[];
  private isDraining = false;
  private replacing: Promise<void> | null = null;

  /** @param onGiveUp called if a process fails again and again */
  constructor(
    private readonly config: Config,
    private readonly programs: Programs,
    private readonly logger: Logger,
    onGiveUp: () => void,
  ) {
    const common = {
      onGiveUp,
      onEvent: (event: string, details: object) => this.logger.warn(details, event),
      endWithinMilliseconds: config.SHUTDOWN_DRAIN_SECONDS * 1000 + CLOSE_MILLISECONDS,
    };
    const api = (name: string): SupervisedProcess =>
      new SupervisedProcess({
        ...common,
        name,
        fork: () => this.forkApi(),
        retire: (child) => void child.send('retire'),
      });
    const worker = (name: string): SupervisedProcess =>
      new SupervisedProcess({
        ...common,
        name,
        fork: () => this.forkWorker(),
        retire: (child) => void child.kill('SIGTERM'),
      });
    const names = (kind: string, count: number): string[] =>
      Array.from({ length: count }, (_, n) => `${kind}-${n + 1}`);
    this.processes = [
      ...names('api', config.WEB_CONCURRENCY).map(api),
      ...names('worker', config.JOBS_PROCESSES).map(worker),
    ];
  }

  start(): void {
    // The primary accepts connections and hands them out in turn; the kernel's own distribution is uneven.
    cluster.schedulingPolicy = cluster.SCHED_RR;
    for (const supervised of this.processes) supervised.start();
  }

  /** Replaces one process after the other by a new one, which runs the build that is on the disk now. */
  replaceAll(): Promise<void> {
    this.replacing ??= this.replaceInTurn().finally(() => (this.replacing = null));
    return this.replacing;
  }

  async stop(): Promise<void> {
    this.isDraining = true;
    await Promise.all(this.processes.map((supervised) => supervised.stop()));
  }

  ready(): Promise<object> {
    const isServing = !this.isDraining && this.processes.some(({ name, ready }) => ready && name.startsWith('api'));
    if (isServing) return Promise.resolve({ status: 'ok' });
    const reason = this.isDraining ? 'shutting down' : 'no API process is ready';
    return Promise.reject(new DomainError('SERVICE_UNAVAILABLE', `Not ready: ${reason}.`, undefined, 1));
  }

  detailed(): Promise<object> {
    const processes = this.processes.map(({ name, ready, restarts, process }) => ({
      name,
      ready,
      restarts,
      pid: process?.pid ?? null,
    }));
    return Promise.resolve({ status: processes.every(({ ready }) => ready) ? 'ok' : 'degraded', processes });
  }

  metrics(): Promise<{ body: string; contentType: string }> {
    return aggregateMetrics(this.processes.flatMap(({ process, ready }) => (process && ready ? [process] : [])));
  }

  isMetricsToken(authorization: string | undefined): boolean {
    return isBearerToken(this.config.METRICS_TOKEN, authorization);
  }

  private async replaceInTurn(): Promise<void> {
    this.logger.info('replacing all processes');
    for (const supervised of this.processes) {
      if (this.isDraining) return;
      if (!(await supervised.replace())) {
        this.logger.error({ process: supervised.name }, 'the new process failed; the old ones stay');
        return;
      }
    }
    this.logger.info('replaced all processes');
  }

  private forkApi() {
    cluster.setupPrimary({ exec: this.programs.api, args: [this.programs.folder] });
    // The workers of the cluster run the jobs, if there are any.
    return cluster.fork(this.config.JOBS_PROCESSES > 0 ? { JOBS_IN_PROCESS: 'false' } : {}).process;
  }

  /** Not a process of `node:cluster`, which would share the listeners for probes. */
  private forkWorker() {
    return fork(this.programs.worker, { env: { ...processEnvironment(), HOST: '127.0.0.1', WORKER_PORT: '0' } });
  }
}
