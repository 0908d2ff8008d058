import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SupervisedProcessOptions {
  name: string;
  fork: () => ChildProcess;
  /** Asks a process to end because another one has replaced it. */
  retire: (child: ChildProcess) => void;
  /** Called when the process failed too often to start it again. */
  onGiveUp: () => void;
  onEvent: (event: string, details: object) => void;
  /** A process that ends sooner than this after its start has failed at once. */
  stableMilliseconds?: number;
  firstDelayMilliseconds?: number;
  /** A process that has not ended by then after it was asked to is killed. */
  endWithinMilliseconds: number;
}

export const MAX_FAILURES = 5;
const MAX_DELAY_MILLISECONDS = 10_000;

/** A process of the cluster: starts it, and starts another one in its place if it dies. A process sends the message `ready` when it serves. */
export class SupervisedProcess {
  private current: ChildProcess | null = null;
  private failures = 0;
  private isStopping = false;
  private isReplacing = false;
  private readonly started = new Map<ChildProcess, number>();
  private readonly stopWaiting = new AbortController();
  ready = false;
  restarts = 0;

  constructor(private readonly options: SupervisedProcessOptions) {}

  get name(): string {
    return this.options.name;
  }

  get process(): ChildProcess | null {
    return this.current;
  }

  start(): void {
    if (this.isStopping) return;
    const child = this.fork();
    this.current = child;
    this.ready = false;
    void waitUntilReady(child).then((ready) => {
      if (this.current === child) this.ready = ready;
    });
  }

  /** Starts a new process, and ends the old one when the new one serves. @returns false if the new one failed: the old one stays */
  async replace(): Promise<boolean> {
    const old = this.current;
    const child = this.fork();
    this.isReplacing = true;
    const ready = await waitUntilReady(child);
    this.isReplacing = false;
    if (!ready || this.isStopping) {
      await this.end(child, () => child.kill('SIGTERM'));
      // The old one may have died in the meantime.
      if (!this.current) this.start();
      return false;
    }
    this.current = child;
    this.ready = true;
    if (old) await this.end(old, () => this.options.retire(old));
    return true;
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    this.stopWaiting.abort();
    const running = [...this.started.keys()];
    await Promise.all(running.map((child) => this.end(child, () => child.kill('SIGTERM'))));
  }

  private fork(): ChildProcess {
    const child = this.options.fork();
    this.started.set(child, performance.now());
    child.on('error', () => undefined);
    child.once('exit', (code, signal) => void this.onExit(child, code, signal));
    return child;
  }

  private async onExit(child: ChildProcess, code: number | null, signal: string | null): Promise<void> {
    const lived = performance.now() - (this.started.get(child) ?? 0);
    this.started.delete(child);
    if (child !== this.current || this.isStopping) return;
    this.current = null;
    this.ready = false;
    this.failures = lived < (this.options.stableMilliseconds ?? 30_000) ? this.failures + 1 : 0;
    this.options.onEvent('a process has died', { process: this.name, code, signal, failures: this.failures });
    if (this.failures >= MAX_FAILURES) return this.options.onGiveUp();
    await this.backOff();
    if (this.current || this.isReplacing) return;
    this.restarts += 1;
    this.start();
  }

  private async backOff(): Promise<void> {
    if (this.failures === 0) return;
    const delay = (this.options.firstDelayMilliseconds ?? 500) * 2 ** (this.failures - 1);
    const { signal } = this.stopWaiting;
    await sleep(Math.min(delay, MAX_DELAY_MILLISECONDS), undefined, { signal }).catch(() => undefined);
  }

  private async end(child: ChildProcess, ask: () => void): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    ask();
    const timer = setTimeout(() => child.kill('SIGKILL'), this.options.endWithinMilliseconds);
    await gone;
    clearTimeout(timer);
  }
}

/** Waits for the message `ready`. @returns false if the process ended before */
function waitUntilReady(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    child.on('message', (message) => message === 'ready' && resolve(true));
    child.once('exit', () => resolve(false));
  });
}
