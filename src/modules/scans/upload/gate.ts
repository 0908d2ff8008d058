import { tooMany } from '../../../core/security/flood-gate.js';

const WAIT_MILLISECONDS = 1_000;

/** So many at a time, the rest waits in order: pictures are decoded few at once, whoever sends how many. */
export class Gate {
  private readonly waiting: (() => void)[] = [];
  private free: number;

  constructor(places: number) {
    this.free = places;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((enter) => this.waiting.push(enter));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }
}

/** Uploads of one user that are under way; more are refused, not queued: each holds a connection and disk. */
export class InFlight {
  private readonly counts = new Map<string, number>();

  constructor(private readonly most: number) {}

  /** @throws DomainError RATE_LIMITED */
  async run<T>(userId: string, work: () => Promise<T>): Promise<T> {
    const count = this.counts.get(userId) ?? 0;
    if (count >= this.most) throw tooMany(WAIT_MILLISECONDS, this.most);
    this.counts.set(userId, count + 1);
    try {
      return await work();
    } finally {
      const left = (this.counts.get(userId) ?? 1) - 1;
      if (left === 0) this.counts.delete(userId);
      else this.counts.set(userId, left);
    }
  }
}
