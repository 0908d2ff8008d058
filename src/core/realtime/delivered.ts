/** The sequences of messages that this process's sockets have had, above a floor up to which all are settled. */
export class Delivered {
  private readonly sequences = new Set<number>();
  floor = 0;

  add(sequence: number): void {
    if (sequence > this.floor) this.sequences.add(sequence);
  }

  has(sequence: number): boolean {
    return sequence <= this.floor || this.sequences.has(sequence);
  }

  settle(floor: number): void {
    this.floor = floor;
    for (const sequence of this.sequences) if (sequence <= floor) this.sequences.delete(sequence);
  }
}
