import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { closeSync, fchmodSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const STOP_WITHIN_MILLISECONDS = 10_000;

export interface SpawnOptions {
  logFile: string;
  env?: Record<string, string>;
  uid?: number;
  gid?: number;
}

/** A server of our own, in its own process group: Ctrl-C in our terminal must not end it before the app has drained. */
export function startChild(command: string, args: string[], { logFile, env, uid, gid }: SpawnOptions): ChildProcess {
  // A server's log may name people.
  const log = openSync(logFile, 'a', 0o600);
  try {
    fchmodSync(log, 0o600);
    return spawn(command, args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...env },
      cwd: '/',
      ...(uid !== undefined && { uid, gid }),
    });
  } finally {
    closeSync(log);
  }
}

/** Asks a child to end, and ends it where it does not in ten seconds. */
export async function stopChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MILLISECONDS);
  await ended;
  clearTimeout(timer);
}

/** Trying again is of no use. */
export class Unrecoverable extends Error {}

/** Tries until it works. @throws Error with the last reason, or when the child has ended */
export async function waitFor(what: string, child: ChildProcess, attempt: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof Unrecoverable) throw error;
      if (child.exitCode !== null)
        throw new Error(`${what} ended at once with code ${child.exitCode}; see its log`, { cause: error });
      if (Date.now() > deadline) throw new Error(`${what} did not start in 30 s`, { cause: error });
      await sleep(50);
    }
  }
}

/** The wanted port of 127.0.0.1, or another that is free; 0 asks for any. */
export async function freePort(wanted: number): Promise<number> {
  return (await tryPort(wanted)) ?? (await tryPort(0)) ?? 0;
}

function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : null));
    });
  });
}
