import type { JobKind, QueueName } from './queues.js';

/** Work of this process without Redis: as many ids of a kind at once as the kind says, and each id once at a time. */
export class LocalWork {
  private readonly waiting = new Map<QueueName, Set<string>>();
  private readonly running = new Map<QueueName, Map<string, Promise<void>>>();

  constructor(private readonly run: (kind: JobKind, id: string) => Promise<void>) {}

  offer(kind: JobKind, ids: readonly string[]): void {
    const waiting = of(this.waiting, kind.name, () => new Set<string>());
    for (const id of ids) waiting.add(id);
    this.next(kind);
  }

  /** What has begun is waited for, the rest is dropped: its rows are still due. */
  async stop(): Promise<void> {
    this.waiting.clear();
    await Promise.all([...this.running.values()].flatMap((ids) => [...ids.values()]));
  }

  private next(kind: JobKind): void {
    const waiting = of(this.waiting, kind.name, () => new Set<string>());
    const running = of(this.running, kind.name, () => new Map<string, Promise<void>>());
    for (const id of waiting) {
      if (running.size >= (kind.concurrency ?? 1)) return;
      waiting.delete(id);
      if (!running.has(id)) running.set(id, this.begin(kind, id, running));
    }
  }

  private async begin(kind: JobKind, id: string, running: Map<string, Promise<void>>): Promise<void> {
    await this.run(kind, id).catch(() => undefined);
    running.delete(id);
    this.next(kind);
  }
}

function of<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
