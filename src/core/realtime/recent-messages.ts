import type { PlacedMessage } from '../outbox/outbox-event.js';

/** The last messages that this process emitted, in order. */
export class RecentMessages {
  private messages: PlacedMessage[] = [];
  private readonly sequences = new Set<number>();
  /** Every message after this position that was emitted is kept. */
  private completeAfter = 0;

  constructor(private readonly capacity: number) {}

  add(message: PlacedMessage): void {
    this.messages.push(message);
    this.sequences.add(message.sequence);
    if (this.messages.length < 2 * this.capacity) return;
    const dropped = this.messages.splice(0, this.capacity);
    for (const { sequence } of dropped) this.sequences.delete(sequence);
    this.completeAfter = Math.max(this.completeAfter, ...dropped.map(({ sequence }) => sequence));
  }

  /** Starts anew at a position: what came before is not known here. */
  restartAt(position: number): void {
    this.messages = [];
    this.sequences.clear();
    this.completeAfter = position;
  }

  has(sequence: number): boolean {
    return this.sequences.has(sequence);
  }

  /** @returns null where some of them are not kept any more */
  after(position: number): PlacedMessage[] | null {
    if (position < this.completeAfter) return null;
    return this.messages.filter(({ sequence }) => sequence > position);
  }
}
