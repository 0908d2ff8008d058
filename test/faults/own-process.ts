import { readdir, readFile } from 'node:fs/promises';
import { eventually } from '../support/eventually.js';
import { TestProcess } from '../support/processes.js';

const READY_WITHIN_MILLISECONDS = 180_000;
const PROBE_MILLISECONDS = 5_000;
const DRAIN_MILLISECONDS = 60_000;

/** The memory and the open files of a process. */
export interface Usage {
  megabytes: number;
  files: number;
}

/** An API process or a worker, which can be killed and started again on its port. */
export class OwnProcess {
  readonly url: string;
  private process: TestProcess | null = null;

  /** @param output a file for its log */
  constructor(
    readonly name: string,
    private readonly entry: string,
    readonly port: number,
    private readonly env: Record<string, string>,
    private readonly output: number,
  ) {
    this.url = `http://127.0.0.1:${port}`;
  }

  get pid(): number {
    return this.process?.pid ?? 0;
  }

  /** Starts it, without waiting until it is ready. */
  launch(more: Record<string, string> = {}): void {
    const port = String(this.port);
    const env = { ...this.env, HOST: '127.0.0.1', PORT: port, WORKER_PORT: port, ...more };
    this.process = new TestProcess(this.entry, env, this.output);
  }

  async start(more: Record<string, string> = {}): Promise<void> {
    this.launch(more);
    await this.untilReady();
  }

  /** SIGKILL, which also ends a process that is stopped. */
  async kill(): Promise<void> {
    await this.process?.kill();
  }

  /** @returns the exit code after SIGTERM */
  async stop(signals = 1): Promise<number | null | undefined> {
    return this.process?.stop(signals, DRAIN_MILLISECONDS);
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.process?.signal(name);
  }

  async isReady(): Promise<boolean> {
    const signal = AbortSignal.timeout(PROBE_MILLISECONDS);
    const answer = await fetch(`${this.url}/health/ready`, { signal }).catch(() => null);
    await answer?.text().catch(() => undefined);
    return answer?.ok ?? false;
  }

  async untilReady(): Promise<void> {
    await eventually(async () => {
      if (!(await this.isReady())) throw new Error(`${this.name} is not ready`);
    }, READY_WITHIN_MILLISECONDS);
  }

  async usage(): Promise<Usage> {
    const [status, files] = await Promise.all([
      readFile(`/proc/${this.pid}/status`, 'utf8'),
      readdir(`/proc/${this.pid}/fd`),
    ]);
    return { megabytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024, files: files.length };
  }
}
