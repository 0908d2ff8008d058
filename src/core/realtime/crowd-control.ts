/** A read that many want at once: who asks gets one that began afterwards, and those who wait together share it. */
export class SharedRead<T> {
  private next: Promise<T> | null = null;
  private running: Promise<unknown> = Promise.resolve();

  constructor(private readonly read: () => Promise<T>) {}

  get(): Promise<T> {
    return (this.next ??= this.begin());
  }

  private async begin(): Promise<T> {
    await this.running;
    this.next = null;
    const result = this.read();
    this.running = result.catch(() => undefined);
    return result;
  }
}

/** Work of which only so much is done at a time; the rest waits its turn, and not for a connection to the database. */
export class Lanes {
  private readonly ends: Promise<unknown>[];
  private taken = 0;

  constructor(count: number) {
    this.ends = Array.from({ length: count }, () => Promise.resolve());
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    const lane = this.taken++ % this.ends.length;
    const done = (this.ends[lane] ?? Promise.resolve()).then(work);
    this.ends[lane] = done.catch(() => undefined);
    return done;
  }
}
