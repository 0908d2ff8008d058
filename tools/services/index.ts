import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startPostgres, type RunningService } from './postgres.js';
import { startRedis } from './redis.js';

export interface Services {
  databaseUrl: string;
  redisUrl: string;
  /** Stops every process that was started. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** The data folder. Default: a temporary folder that is removed on stop. */
  dataDir?: string;
  log?: (line: string) => void;
}

/** Uses PostgreSQL and Redis of DATABASE_URL and REDIS_URL, or starts them. Without `dataDir` (in tests) fsync is off. */
export async function startServices({ dataDir, log = () => undefined }: StartOptions): Promise<Services> {
  const ephemeral = dataDir === undefined;
  const folder = ephemeral ? await temporaryFolder() : resolve(dataDir);
  const options = { dataDir: folder, log, ephemeral };
  const started: RunningService[] = [];
  const useOrStart = async (given: string | undefined, start: () => Promise<RunningService>): Promise<string> => {
    if (given) return given;
    const service = await start();
    started.push(service);
    return service.url;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((service) => service.stop()));
    if (ephemeral) await rm(folder, { recursive: true, force: true });
  };
  try {
    const databaseUrl = await useOrStart(process.env.DATABASE_URL, () => startPostgres(options));
    const redisUrl = await useOrStart(process.env.REDIS_URL, () => startRedis(options));
    return { databaseUrl, redisUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A temporary folder that the user of the PostgreSQL server may enter. */
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'careslot-'));
  await chmod(folder, 0o755);
  return folder;
}
