import { DispositionReader, type Disposition } from './disposition.js';
import { PlainText } from './plain-text.js';

/** A model's answer as it comes: its tag is read, its words are made plain. */
export class Spoken {
  private readonly head = new DispositionReader();
  private readonly words = new PlainText();

  /** @returns what may be shown now */
  push(piece: string): string {
    return this.words.push(this.head.push(piece));
  }

  /** @returns the rest of what may be shown */
  end(): string {
    return this.words.push(this.head.end()) + this.words.end();
  }

  get disposition(): Disposition | null {
    return this.head.disposition;
  }

  get text(): string {
    return this.words.text.trim();
  }
}
