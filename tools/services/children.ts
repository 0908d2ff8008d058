import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { closeSync, fchmodSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const START_WITHIN_SECONDS = 30;
const STOP_WITHIN_MILLISECONDS = 10_000;

interface SpawnOptions {
  logFile: string;
  env?: Record<string, string>;
  uid?: number;
  gid?: number;
}

/** Starts a server in its own process group, so that Ctrl-C in this terminal does not stop it before the application has closed. */
export function startChild(command: string, args: string[], { logFile, env, uid, gid }: SpawnOptions): ChildProcess {
  // The log of a server may contain personal data, so only this user may read it.
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

/** Whether a child process has exited by itself or was killed by a signal. */
export const hasExited = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

/** Sends a signal to a child process, and SIGKILL if it has not exited in time. Resolves when it has exited. */
export async function stopChild(
  child: ChildProcess,
  signal: NodeJS.Signals,
  withinMilliseconds = STOP_WITHIN_MILLISECONDS,
): Promise<void> {
  if (hasExited(child)) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), withinMilliseconds);
  await ended;
  clearTimeout(timer);
}

/** An error that a retry cannot fix. */
export class Unrecoverable extends Error {}

/** Repeats an attempt until it succeeds. @throws Error with the last cause if the child exits or the attempts fail for too long */
export async function waitFor(what: string, child: ChildProcess, attempt: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + START_WITHIN_SECONDS * 1_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof Unrecoverable) throw error;
      if (hasExited(child)) {
        const { exitCode, signalCode } = child;
        throw new Error(`${what} exited with ${signalCode ?? `code ${exitCode}`}; see its log file`, { cause: error });
      }
      if (Date.now() > deadline)
        throw new Error(`${what} did not start in ${START_WITHIN_SECONDS} s`, { cause: error });
      await sleep(50);
    }
  }
}

/** Returns the preferred port of 127.0.0.1 if it is free, else another free port. 0 means any port. */
export async function freePort(preferred: number): Promise<number> {
  return (await tryPort(preferred)) ?? (await tryPort(0)) ?? 0;
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
