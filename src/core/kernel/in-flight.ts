/**
 * Shares one read among those who ask for the same while it runs; nothing is kept once it has ended. What is shared must
 * not be changed by who gets it.
 */
export class InFlight<T> {
  private readonly running = new Map<string, Promise<T>>();

  share(key: string, read: () => Promise<T>): Promise<T> {
    const running = this.running.get(key);
    if (running) return running;
    const begun = read().finally(() => this.running.delete(key));
    this.running.set(key, begun);
    return begun;
  }
}
