import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chmod } from 'node:fs/promises';
import { startPostgres, type RunningService } from './postgres.js';
import { startRedis } from './redis.js';

export interface Services {
  databaseUrl: string;
  redisUrl: string;
  /** Leaves no process behind. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Where data lives; a temporary folder, removed on stop, where it is left out. */
  dataDir?: string;
  log?: (line: string) => void;
}

/** PostgreSQL and Redis: those of DATABASE_URL and REDIS_URL, or else our own. Without a `dataDir` for tests: no fsync. */
export async function startServices({ dataDir, log = () => undefined }: StartOptions): Promise<Services> {
  const ephemeral = dataDir === undefined;
  const folder = ephemeral ? await temporaryFolder() : resolve(dataDir);
  const options = { dataDir: folder, log, ephemeral };
  const started: RunningService[] = [];
  const begin = async (given: string | undefined, start: () => Promise<RunningService>): Promise<string> => {
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
    const databaseUrl = await begin(process.env.DATABASE_URL, () => startPostgres(options));
    const redisUrl = await begin(process.env.REDIS_URL, () => startRedis(options));
    return { databaseUrl, redisUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Open for the user that PostgreSQL runs as. */
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'careslot-'));
  await chmod(folder, 0o755);
  return folder;
}
