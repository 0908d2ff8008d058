import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../tools/services/children.js';

const START_WITHIN_MILLISECONDS = 60_000;

/** The API as a process of its own, from the sources, so that it can be killed as a machine would. */
export class ApiProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly port: number,
  ) {}

  /** @param port the same again for a process that takes the place of one that was killed */
  static async start(environment: Record<string, string>, port?: number): Promise<ApiProcess> {
    const chosen = port ?? (await freePort(0));
    const child = spawn(process.execPath, ['--import', '@swc-node/register/esm-register', 'src/main.ts'], {
      env: { PATH: process.env.PATH, ...environment, HOST: '127.0.0.1', PORT: String(chosen) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const api = new ApiProcess(child, `http://127.0.0.1:${chosen}`, chosen);
    await api.ready();
    return api;
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  /** @returns the exit code */
  async stop(): Promise<number | null> {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await gone;
    return this.child.exitCode;
  }

  private async ready(): Promise<void> {
    const deadline = Date.now() + START_WITHIN_MILLISECONDS;
    while (Date.now() < deadline && this.child.exitCode === null) {
      const answer = await fetch(`${this.url}/health/ready`).catch(() => null);
      if (answer?.ok) return;
      await sleep(100);
    }
    await this.kill();
    throw new Error('the API did not start');
  }
}
