import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Supervisor } from './core/cluster/supervisor.js';
import { loadConfig } from './core/config/config.js';
import { ProbeServer } from './core/health/probe-server.js';
import { createLogger } from './core/logging/logger.js';
import { printError } from './core/logging/print-error.js';

/**
 * Uses all cores of a machine: WEB_CONCURRENCY API processes on one port, and JOBS_PROCESSES workers. Serves probes and the metrics
 * of all processes on WORKER_PORT. SIGTERM drains and ends, SIGHUP replaces the processes in turn.
 */
async function run(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger(config.LOG_LEVEL);
  const folder = await mkdtemp(join(tmpdir(), 'careslot-cluster-'));
  let ending: Promise<void> | null = null;
  const end = async (code: number): Promise<void> => {
    await supervisor.stop();
    await probes.close();
    await rm(folder, { recursive: true, force: true });
    process.exit(code);
  };
  const stop = (code: number): void => void (ending ??= end(code));
  const programs = { api: toPath('./cluster-worker.js'), worker: toPath('./worker.js'), folder };
  const supervisor = new Supervisor(config, programs, logger, () => {
    logger.fatal('a process fails again and again: the cluster ends');
    stop(1);
  });
  const probes = new ProbeServer(supervisor);
  process.on('SIGTERM', () => stop(0));
  process.on('SIGINT', () => stop(0));
  process.on('SIGHUP', () => void supervisor.replaceAll());
  const port = await probes.listen(config.WORKER_PORT, config.HOST);
  supervisor.start();
  const { WEB_CONCURRENCY: api, JOBS_PROCESSES: workers } = config;
  logger.info({ api, workers, probes: port }, 'cluster started');
}

const toPath = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

run().catch((error: unknown) => {
  printError(error);
  process.exit(1);
});
