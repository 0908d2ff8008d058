import { tooMany } from '../../../core/security/flood-gate.js';

const WAIT_MILLISECONDS = 1_000;

interface Waiting {
  owner: string;
  enter: () => void;
}

/**
 * So many at a time, and of one owner one; the rest waits in order. Files are decoded few at once, whoever sends how
 * many, and one who sends such as take long holds up only its own.
 */
export class Gate {
  private readonly waiting: Waiting[] = [];
  private readonly inside = new Set<string>();

  constructor(private readonly places: number) {}

  async run<T>(owner: string, work: () => Promise<T>): Promise<T> {
    if (this.mayEnter(owner)) this.inside.add(owner);
    else await new Promise<void>((enter) => this.waiting.push({ owner, enter }));
    try {
      return await work();
    } finally {
      this.inside.delete(owner);
      this.admitNext();
    }
  }

  private mayEnter(owner: string): boolean {
    return this.inside.size < this.places && !this.inside.has(owner);
  }

  private admitNext(): void {
    const next = this.waiting.findIndex(({ owner }) => this.mayEnter(owner));
    const [admitted] = next === -1 ? [] : this.waiting.splice(next, 1);
    if (!admitted) return;
    this.inside.add(admitted.owner);
    admitted.enter();
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
