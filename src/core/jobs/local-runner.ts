import { Semaphore } from '../concurrency/semaphore.js';

/** Runs jobs in this process without Redis: up to `concurrency` at once, and no id twice at the same time. */
export class LocalRunner {
  private readonly limit: Semaphore;
  private readonly waiting = new Set<string>();
  private readonly running = new Map<string, Promise<void>>();
  private stopped = false;

  constructor(
    concurrency: number,
    private readonly run: (id: string) => Promise<void>,
  ) {
    this.limit = new Semaphore({ total: concurrency });
  }

  /** Does nothing after `stop`. */
  add(ids: readonly string[]): void {
    if (this.stopped) return;
    for (const id of ids) {
      if (this.waiting.has(id)) continue;
      this.waiting.add(id);
      void this.limit.run(() => this.start(id));
    }
  }

  /** Waits for what is running and drops the rest, which is still due in its table. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.waiting.clear();
    await Promise.all(this.running.values());
  }

  private start(id: string): Promise<void> {
    const isWaiting = this.waiting.delete(id);
    if (!isWaiting || this.running.has(id)) return Promise.resolve();
    const done = this.run(id)
      .catch(() => undefined)
      .finally(() => this.running.delete(id));
    this.running.set(id, done);
    return done;
  }
}
