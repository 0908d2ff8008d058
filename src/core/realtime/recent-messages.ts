import type { SequencedMessage } from '../outbox/outbox-event.js';

/** A buffer of the last messages that this process emitted, in the order of emission: a late message follows newer ones. */
export class RecentMessages {
  private messages: SequencedMessage[] = [];
  private readonly sequences = new Set<number>();
  /** The buffer contains all emitted messages after this position. */
  private completeAfter = 0;

  constructor(private readonly capacity: number) {}

  add(message: SequencedMessage): void {
    this.messages.push(message);
    this.sequences.add(message.sequence);
    if (this.messages.length < 2 * this.capacity) return;
    const dropped = this.messages.splice(0, this.capacity);
    for (const { sequence } of dropped) this.sequences.delete(sequence);
    this.completeAfter = Math.max(this.completeAfter, ...dropped.map(({ sequence }) => sequence));
  }

  /** Clears the buffer and restarts at a position. */
  restartAt(position: number): void {
    this.messages = [];
    this.sequences.clear();
    this.completeAfter = position;
  }

  has(sequence: number): boolean {
    return this.sequences.has(sequence);
  }

  /** @returns the messages after a position; null if the buffer no longer contains all of them */
  after(position: number): SequencedMessage[] | null {
    if (position < this.completeAfter) return null;
    return this.messages.filter(({ sequence }) => sequence > position);
  }
}
