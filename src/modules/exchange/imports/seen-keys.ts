/** The keys of a dry run's rows, whose records were rolled back. */
export class SeenKeys {
  private readonly committed = new Set<string>();
  private pending = new Set<string>();

  has(key: string): boolean {
    return this.committed.has(key) || this.pending.has(key);
  }

  add(key: string): void {
    this.pending.add(key);
  }

  /** Forgets what an attempt added whose transaction begins again. */
  restart(): void {
    this.pending = new Set();
  }

  commit(): void {
    for (const key of this.pending) this.committed.add(key);
    this.restart();
  }
}
