import { readdir, readFile } from 'node:fs/promises';
import { eventually } from './eventually.js';

/**
 * Sends SIGKILL to a process, which may have ended meanwhile.
 * @throws Error if the number is not that of one process: 0 and negative numbers would reach groups of processes, such as that of this one
 */
export function killProcess(pid: number): void {
  if (!Number.isSafeInteger(pid) || pid <= 1) throw new Error(`${pid} is not a process to kill`);
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Kills a server and its child processes, as the loss of its machine would end them, and waits until the child processes are gone. */
export async function killWithChildren(pid: number): Promise<void> {
  const children = await findChildren(pid);
  // Without a pause in between: a process that lives longer than the server could still answer its client.
  for (const one of [pid, ...children]) killProcess(one);
  await eventually(async () => {
    const stats = await Promise.all(children.map(readStat));
    if (stats.some((stat) => stat !== null && stat.state !== 'Z')) throw new Error(`processes of ${pid} still run`);
  });
}

async function findChildren(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const stats = await Promise.all(pids.map(readStat));
  return pids.filter((_, index) => stats[index]?.parent === parent);
}

/** @returns null if there is no such process */
async function readStat(pid: number): Promise<{ state: string; parent: number } | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // The name before it is in parentheses, and may contain some itself.
  const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state, parent: Number(parent) };
}
