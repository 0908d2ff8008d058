import { DispositionReader, type Disposition } from './disposition.js';
import { PlainText } from './plain-text.js';

const EMERGENCY = /\[{1,2}\s*EMERGENCY\s*\]{1,2}/i;
const LONGEST_TAG = 20;

/** A model's answer as it comes: its tag is read, its words are made plain. */
export class Spoken {
  private readonly head = new DispositionReader();
  private readonly words = new PlainText();
  private tail = '';
  private alarmed = false;

  /** @returns what may be shown now */
  push(piece: string): string {
    return this.words.push(this.listen(this.head.push(piece)));
  }

  /** @returns the rest of what may be shown */
  end(): string {
    return this.words.push(this.listen(this.head.end())) + this.words.end();
  }

  get disposition(): Disposition | null {
    return this.alarmed ? 'EMERGENCY' : this.head.disposition;
  }

  get text(): string {
    return this.words.text.trim();
  }

  /** A model that says in the middle of its answer that it is an emergency is believed, too. */
  private listen(words: string): string {
    const heard = this.tail + words;
    this.alarmed ||= EMERGENCY.test(heard);
    this.tail = heard.slice(-LONGEST_TAG);
    return words;
  }
}
