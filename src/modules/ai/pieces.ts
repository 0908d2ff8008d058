/** Forty times a second: more often nobody sees, and each write costs the server and the network. */
const INTERVAL_MILLISECONDS = 25;

/** Sends the first piece at once, and what comes soon after it together. */
export class Pieces {
  private waiting = '';
  private timer: NodeJS.Timeout | undefined;
  private sentAt = -Infinity;
  private sending = Promise.resolve();

  constructor(private readonly send: (text: string) => Promise<void>) {}

  /** Resolves when there is room for more. */
  add(text: string): Promise<void> {
    this.waiting += text;
    if (this.timer) return this.sending;
    const wait = this.sentAt + INTERVAL_MILLISECONDS - performance.now();
    if (wait <= 0) return this.flush();
    this.timer = setTimeout(() => void this.flush(), wait);
    return this.sending;
  }

  flush(): Promise<void> {
    const text = this.take();
    if (text === '') return this.sending;
    this.sentAt = performance.now();
    return (this.sending = this.send(text));
  }

  /** What was not sent yet is not sent any more. */
  drop(): void {
    this.take();
  }

  private take(): string {
    clearTimeout(this.timer);
    this.timer = undefined;
    const text = this.waiting;
    this.waiting = '';
    return text;
  }
}
