import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { freePort, startChild, stopChild, waitFor } from './children.js';
import type { RunningService, ServiceOptions } from './postgres.js';

const run = promisify(execFile);
const PREFERRED_PORT = 63_799;
const SERVERS = ['redis-server', 'valkey-server'];

interface Server {
  command: string;
  env?: Record<string, string>;
}

export interface RunningRedis extends RunningService {
  kill(): Promise<void>;
  /** Freezes the server: it accepts connections but does not respond until `resume`. */
  pause(): void;
  resume(): void;
}

/** Starts Redis or Valkey from the PATH; installs it with the system's package manager if necessary. Its data is in `<dataDir>/redis`. */
export async function startRedis(options: ServiceOptions): Promise<RunningRedis> {
  const { dataDir, log, ephemeral } = options;
  const folder = join(dataDir, 'redis');
  await mkdir(folder, { recursive: true });
  const { command, env } = await findOrInstall(dataDir, log);
  const preferred = options.port ?? (ephemeral ? 0 : PREFERRED_PORT);
  const port = await freePort(preferred);
  if (preferred && port !== preferred) log(`port ${preferred} is in use; Redis listens on ${port}`);
  const child = startChild(command, settings(port, folder, ephemeral), { logFile: join(dataDir, 'redis.log'), env });
  const url = `redis://127.0.0.1:${port}/0`;
  try {
    await waitFor('Redis', child, () => ping(url));
  } catch (error) {
    await stopChild(child, 'SIGTERM');
    throw error;
  }
  return {
    url,
    stop: () => stopChild(child, 'SIGTERM'),
    kill: () => stopChild(child, 'SIGKILL'),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
}

function settings(port: number, folder: string, ephemeral = false): string[] {
  const values = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    'maxmemory-policy': 'noeviction',
    appendonly: ephemeral ? 'no' : 'yes',
    appendfsync: 'everysec',
  };
  return Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]);
}

async function ping(url: string): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    await redis.ping();
  } finally {
    redis.disconnect();
  }
}

async function findOrInstall(dataDir: string, log: (line: string) => void): Promise<Server> {
  const found = findOnPath() ?? (await findUnpacked(dataDir));
  if (found) return found;
  log('redis-server was not found; installing it (once) …');
  await installServer(dataDir, log);
  const installed = findOnPath() ?? (await findUnpacked(dataDir));
  if (installed) return installed;
  throw new Error(
    'CareSlot needs Redis 6.2 or newer (or Valkey). Install it (apt-get install redis-server · apk add redis · ' +
      'dnf install valkey · brew install redis), or set REDIS_URL to a running server.',
  );
}

function findOnPath(): Server | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin'];
  for (const name of SERVERS) {
    const command = folders.map((folder) => join(folder, name)).find(isExecutable);
    if (command) return { command };
  }
  return null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const unpackFolder = (dataDir: string): string => join(dataDir, 'redis-server');

/** Finds the server that an earlier start unpacked without root rights. */
async function findUnpacked(dataDir: string): Promise<Server | null> {
  const root = unpackFolder(dataDir);
  const command = join(root, 'usr/bin/redis-server');
  if (!existsSync(command)) return null;
  const libraries = join(root, 'usr/lib');
  const folders = await readdir(libraries).catch(() => []);
  return { command, env: { LD_LIBRARY_PATH: folders.map((folder) => join(libraries, folder)).join(delimiter) } };
}

type Installer = () => Promise<unknown>;

/** Tries each way of installation that may work on this machine, until one succeeds. */
async function installServer(dataDir: string, log: (line: string) => void): Promise<void> {
  for (const install of await findInstallers(dataDir)) {
    try {
      await install();
      if (findOnPath() ?? (await findUnpacked(dataDir))) return;
    } catch (error) {
      log(`  the installation failed: ${firstLine(error)}`);
    }
  }
}

/** Recommended packages are not needed. An existing configuration file is kept. */
const APT_INSTALL =
  'apt-get install -y -qq --no-install-recommends -o DPkg::Options::=--force-confold redis-server'.split(' ');

async function findInstallers(dataDir: string): Promise<Installer[]> {
  const rootPrefix = await findRootPrefix();
  const asRoot =
    (...command: string[]): Installer =>
    async () => {
      const [program, ...args] = [...(rootPrefix ?? []), ...command];
      await run(program as string, args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
    };
  const all: [program: string, installer: Installer, needsRoot: boolean][] = [
    [
      'apt-get',
      () =>
        asRoot('apt-get', 'update', '-qq')()
          .catch(() => undefined)
          .then(asRoot(...APT_INSTALL)),
      true,
    ],
    ['apk', asRoot('apk', 'add', '--no-cache', 'redis'), true],
    [
      'dnf',
      async () => asRoot('dnf', 'install', '-y', 'valkey')().catch(asRoot('dnf', 'install', '-y', 'redis')),
      true,
    ],
    ['apt-get', () => unpackDebian(dataDir), false],
    ['brew', async () => run('brew', ['install', 'redis']), false],
  ];
  const checked = await Promise.all(
    all.map(async ([program, installer, needsRoot]) => ({
      installer,
      isUsable: (!needsRoot || rootPrefix !== null) && (await exists(program)),
    })),
  );
  return checked.filter(({ isUsable }) => isUsable).map(({ installer }) => installer);
}

const exists = (program: string): Promise<boolean> =>
  run('sh', ['-c', `command -v ${program}`]).then(
    () => true,
    () => false,
  );

/** Returns how to run a command as root: without a prefix, or with `sudo` if it needs no password. Null if neither is possible. */
async function findRootPrefix(): Promise<string[] | null> {
  if (process.getuid?.() === 0) return [];
  return run('sudo', ['-n', 'true']).then(
    () => ['sudo', '-n'],
    () => null,
  );
}

/** Debian without root rights: downloads the packages and unpacks them without an installation. */
async function unpackDebian(dataDir: string): Promise<void> {
  const folder = unpackFolder(dataDir);
  const downloads = join(folder, 'downloads');
  await mkdir(downloads, { recursive: true });
  const { stdout } = await run('apt-cache', [
    'depends',
    '--recurse',
    '--no-recommends',
    '--no-suggests',
    '--no-conflicts',
    '--no-breaks',
    '--no-replaces',
    '--no-enhances',
    'redis-server',
  ]);
  const wanted =
    /^(redis-server|redis-tools|libjemalloc2|liblua5\.\d.*|lua-cjson|lua-bitop|liblzf1|libhiredis.*|libatomic1)$/;
  const packages = [
    ...new Set(
      stdout
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => wanted.test(line)),
    ),
  ];
  await run('apt-get', ['download', ...packages], { cwd: downloads });
  for (const file of await readdir(downloads)) await run('dpkg', ['-x', join(downloads, file), folder]);
}

const firstLine = (error: unknown): string => {
  const { stderr, message } = error as { stderr?: string; message?: string };
  return (stderr || message || String(error)).trim().split('\n')[0] ?? '';
};
