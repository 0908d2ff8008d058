/**
 * Shares one read among callers who ask for the same at the same time. Nothing is kept after the read has ended. Callers
 * must not change what they get.
 */
export class SingleFlight<T> {
  private readonly running = new Map<string, Promise<T>>();
  private readonly next = new Map<string, Promise<T>>();

  /** Joins the read of this key that is running, or starts one. */
  share(key: string, read: () => Promise<T>): Promise<T> {
    return this.running.get(key) ?? this.start(key, read);
  }

  /** Like `share`, for callers who need a read that starts after their call: joins the one that follows the running read. */
  shareNext(key: string, read: () => Promise<T>): Promise<T> {
    const next = this.next.get(key);
    if (next) return next;
    const begun = this.afterRunning(key, read);
    this.next.set(key, begun);
    return begun;
  }

  private start(key: string, read: () => Promise<T>): Promise<T> {
    const begun: Promise<T> = read().finally(() => {
      if (this.running.get(key) === begun) this.running.delete(key);
    });
    this.running.set(key, begun);
    return begun;
  }

  private async afterRunning(key: string, read: () => Promise<T>): Promise<T> {
    await this.running.get(key)?.catch(() => undefined);
    this.next.delete(key);
    return this.start(key, read);
  }
}
