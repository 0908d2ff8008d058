import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { programEnvironment } from '../core/config/environment.js';

const run = promisify(execFile);

type Tool = 'pg_dump' | 'pg_restore';

/** Where packages install the tools of one major version, besides the PATH. */
const FOLDERS = [
  '/usr/lib/postgresql/MAJOR/bin',
  '/usr/pgsql-MAJOR/bin',
  '/opt/homebrew/opt/postgresql@MAJOR/bin',
  '/usr/local/opt/postgresql@MAJOR/bin',
  '/opt/homebrew/opt/libpq/bin',
];
const MAX_MESSAGE = 2_000;

/**
 * Finds a client tool of the server's major version: an older pg_dump refuses the server, and a newer one writes what the server's
 * pg_restore cannot read.
 * @throws Error that names the package to install
 */
export async function findTool(tool: Tool, major: number): Promise<string> {
  for (const path of [tool, ...FOLDERS.map((folder) => `${folder.replace('MAJOR', String(major))}/${tool}`)]) {
    const { stdout } = await run(path, ['--version']).catch(() => ({ stdout: '' }));
    if (Number(/\) (\d+)/.exec(stdout)?.[1]) === major) return path;
  }
  throw new Error(
    `${tool} of PostgreSQL ${major} was not found. Install the package postgresql-client-${major} ` +
      '(Debian and Ubuntu; from apt.postgresql.org if the distribution does not have it).',
  );
}

/**
 * Starts a client tool. Command lines are visible to all users of the machine, so the password is in the environment, and nothing else of
 * this process's environment is passed on except PATH, HOME and the locale.
 */
function start(path: string, args: string[], databaseUrl: string): ChildProcess {
  const { url, password } = splitPassword(databaseUrl);
  return spawn(path, [...args, `--dbname=${url}`], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...programEnvironment(), PGCONNECT_TIMEOUT: '10', ...(password !== '' && { PGPASSWORD: password }) },
  });
}

/** Also removes what only node-postgres understands. */
function splitPassword(databaseUrl: string): { url: string; password: string } {
  const url = new URL(databaseUrl);
  const password = decodeURIComponent(url.password) || (url.searchParams.get('password') ?? '');
  url.password = '';
  for (const name of ['password', 'uselibpqcompat']) url.searchParams.delete(name);
  return { url: url.href, password };
}

/** A running tool: its streams, and the promise of its end. */
interface RunningTool {
  stdin: Writable;
  stdout: Readable;
  /** @throws Error with the messages of the tool if it failed */
  done: Promise<void>;
  kill(): void;
}

export function runTool(path: string, args: string[], databaseUrl: string): RunningTool {
  const child = start(path, args, databaseUrl);
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error('the streams of a started process are missing');
  let messages = '';
  stderr.on('data', (chunk: Buffer) => (messages = (messages + chunk.toString()).slice(-MAX_MESSAGE)));
  // A tool that fails closes its input. The reason is in its messages.
  stdin.on('error', () => undefined);
  const done = once(child, 'close').then(([code]: unknown[]) => {
    if (code !== 0) throw new Error(`${path} failed: ${messages.trim() || `exit code ${String(code)}`}`);
  });
  done.catch(() => undefined);
  return { stdin, stdout, done, kill: () => void child.kill('SIGTERM') };
}
