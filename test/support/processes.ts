import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';

/** A real process of ours, to be killed. */
export class TestProcess {
  private constructor(private readonly child: ChildProcess) {}

  /** @param entry such as `src/worker.ts` */
  static start(entry: string, env: Record<string, string>): TestProcess {
    const loader = ['--import', '@swc-node/register/esm-register', resolve(entry)];
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, loader, { env: { PATH, HOME, ...env }, stdio: 'ignore' });
    return new TestProcess(child);
  }

  /** As the kernel does it when memory runs out: no handler runs, nothing is finished. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((done) => this.child.once('exit', done));
    this.child.kill('SIGKILL');
    await gone;
  }
}
