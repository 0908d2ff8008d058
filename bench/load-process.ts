import { fork } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));

/**
 * Runs one job of load in a separate process, because a client in the process of the benchmark or of a server would measure
 * itself.
 * @param script such as `load.js`, which calls `runJob`
 */
export async function runInProcess<Job extends object, Outcome>(script: string, job: Job): Promise<Outcome> {
  const child = fork(join(folder, script), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send(job);
  const result = await Promise.race([
    once(child, 'message').then(([outcome]) => outcome as Outcome),
    once(child, 'exit').then(() => null),
  ]);
  if (!result) throw new Error(`${script} ended without a result`);
  return result;
}

/** Called in the load process: runs the one job that it receives, and exits. */
export function runJob<Job>(run: (job: Job) => Promise<object>): void {
  process.once('message', (job: Job) => {
    run(job).then(
      (outcome) => process.send?.(outcome, () => process.exit(0)),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
        process.exit(1);
      },
    );
  });
}
