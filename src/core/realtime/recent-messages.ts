import type { PositionedMessage } from '../outbox/outbox-event.js';

/** A buffer of the last messages that this process emitted, in the order of emission: a late message follows newer ones. */
export class RecentMessages {
  private messages: PositionedMessage[] = [];
  private readonly positions = new Set<number>();
  /** The buffer contains all emitted messages after this position. */
  private completeAfter = 0;

  constructor(private readonly capacity: number) {}

  add(message: PositionedMessage): void {
    this.messages.push(message);
    this.positions.add(message.position);
    if (this.messages.length < 2 * this.capacity) return;
    const dropped = this.messages.splice(0, this.capacity);
    for (const { position } of dropped) this.positions.delete(position);
    this.completeAfter = Math.max(this.completeAfter, ...dropped.map(({ position }) => position));
  }

  /** Clears the buffer and restarts at a position. */
  restartAt(position: number): void {
    this.messages = [];
    this.positions.clear();
    this.completeAfter = position;
  }

  has(position: number): boolean {
    return this.positions.has(position);
  }

  /** @returns the messages after a position; null if the buffer no longer contains all of them */
  after(position: number): PositionedMessage[] | null {
    if (position < this.completeAfter) return null;
    return this.messages.filter((message) => message.position > position);
  }
}
