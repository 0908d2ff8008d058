import { RandomNumbers } from '../random-numbers.js';

export class Random extends RandomNumbers {
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  shuffle<T>(items: T[]): void {
    for (let end = items.length - 1; end > 0; end -= 1) {
      const other = this.below(end + 1);
      [items[end], items[other]] = [items[other] as T, items[end] as T];
    }
  }
}
