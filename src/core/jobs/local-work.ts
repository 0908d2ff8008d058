import { Semaphore } from '../concurrency/semaphore.js';
import type { JobKind, QueueName } from './queues.js';

/** Jobs that this process runs without Redis: each id once at a time, and of a kind as many as it allows. */
export class LocalWork {
  private readonly limits = new Map<QueueName, Semaphore>();
  private readonly waiting = new Set<string>();
  private readonly running = new Map<string, Promise<void>>();

  constructor(private readonly run: (kind: JobKind, id: string) => Promise<void>) {}

  offer(kind: JobKind, ids: readonly string[]): void {
    for (const id of ids) {
      const key = `${kind.name} ${id}`;
      if (this.waiting.has(key)) continue;
      this.waiting.add(key);
      void this.limitFor(kind).run(() => this.begin(kind, id, key));
    }
  }

  /** Waits for what is running. The rest is dropped: its rows are still due. */
  async stop(): Promise<void> {
    this.waiting.clear();
    await Promise.all(this.running.values());
  }

  private begin(kind: JobKind, id: string, key: string): Promise<void> {
    const isWaiting = this.waiting.delete(key);
    if (!isWaiting || this.running.has(key)) return Promise.resolve();
    const done = this.run(kind, id)
      .catch(() => undefined)
      .finally(() => this.running.delete(key));
    this.running.set(key, done);
    return done;
  }

  private limitFor({ name, concurrency = 1 }: JobKind): Semaphore {
    const known = this.limits.get(name);
    if (known) return known;
    const limit = new Semaphore({ total: concurrency });
    this.limits.set(name, limit);
    return limit;
  }
}
