/** Returns the permit. Safe to call twice. */
export type Release = () => void;

export interface SemaphoreLimits {
  /** Permits in all. */
  total?: number;
  /** Permits of one key, such as a user. */
  perKey?: number;
}

interface Waiter {
  key: string;
  enter: (release: Release) => void;
}

/**
 * Limits how much runs at the same time in this process. Waiters get permits in order; one whose key is at its limit is
 * passed over and holds up nobody else.
 */
export class Semaphore {
  private readonly total: number;
  private readonly perKey: number;
  private readonly held = new Map<string, number>();
  private readonly waiters: Waiter[] = [];
  private used = 0;

  constructor({ total = Infinity, perKey = Infinity }: SemaphoreLimits) {
    this.total = total;
    this.perKey = perKey;
  }

  /** How many wait for a permit. */
  get waiting(): number {
    return this.waiters.length;
  }

  /** Returns null if no permit is free now. */
  tryAcquire(key = ''): Release | null {
    return this.isFree(key) ? this.take(key) : null;
  }

  /** Waits for a permit. */
  acquire(key = ''): Promise<Release> {
    const release = this.tryAcquire(key);
    return release ? Promise.resolve(release) : new Promise((enter) => this.waiters.push({ key, enter }));
  }

  /** Waits for a permit, but not longer than this. Returns null if there was none. */
  acquireWithin(milliseconds: number, key = ''): Promise<Release | null> {
    const release = this.tryAcquire(key);
    if (release || milliseconds <= 0) return Promise.resolve(release);
    return new Promise((resolve) => {
      const enter = (permit: Release): void => {
        clearTimeout(timer);
        resolve(permit);
      };
      const waiter: Waiter = { key, enter };
      const timer = setTimeout(() => {
        this.waiters.splice(this.waiters.indexOf(waiter), 1);
        resolve(null);
      }, milliseconds);
      this.waiters.push(waiter);
    });
  }

  /** Runs the work with a permit: at once if one is free, else in order. */
  async run<T>(work: () => Promise<T>, key = ''): Promise<T> {
    const release = this.tryAcquire(key) ?? (await this.acquire(key));
    try {
      return await work();
    } finally {
      release();
    }
  }

  /**
   * Runs the work with a permit, and does not wait for one.
   * @throws what `refusal` returns, if no permit is free
   */
  async runOrRefuse<T>(key: string, work: () => Promise<T>, refusal: () => Error): Promise<T> {
    const release = this.tryAcquire(key);
    if (!release) throw refusal();
    try {
      return await work();
    } finally {
      release();
    }
  }

  private isFree(key: string): boolean {
    return this.used < this.total && (this.held.get(key) ?? 0) < this.perKey;
  }

  private take(key: string): Release {
    this.used += 1;
    this.held.set(key, (this.held.get(key) ?? 0) + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.give(key);
    };
  }

  private give(key: string): void {
    this.used -= 1;
    const left = (this.held.get(key) ?? 1) - 1;
    if (left > 0) this.held.set(key, left);
    else this.held.delete(key);
    const next = this.waiters.findIndex((waiter) => this.isFree(waiter.key));
    if (next < 0) return;
    const [waiter] = this.waiters.splice(next, 1);
    waiter?.enter(this.take(waiter.key));
  }
}
