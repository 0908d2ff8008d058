import { objectionTo, type OurContacts } from './checks/output-check.js';
import type { Objection } from './checks/violation.js';
import { DispositionReader, DISPOSITIONS, type Disposition } from './disposition.js';
import { PlainText } from './plain-text.js';

const TAGS = /\[{1,2}\s*(EMERGENCY)\s*\]{1,2}|\[{2}\s*(URGENT)\s*\]{2}/gi;
const MAX_TAG_CHARACTERS = 20;
/** Text that was shown already is checked again with the text after it: a dose may be spread over two sentences. */
const CONTEXT_CHARACTERS = 200;
const SENTENCE_END = /[.!?؟।…]["'”’»)\]]*\s+|\n+/gu;

/**
 * Parses the streamed answer of a model: reads its tag, turns it into plain text, and checks each sentence before it may be
 * shown. A tag later in the answer may raise the disposition, never lower it.
 */
export class ModelOutputParser {
  /** Why the text is withheld; nothing more is shown then. */
  objection: Objection | null = null;
  private readonly head = new DispositionReader();
  private readonly words = new PlainText();
  private raised: Disposition | null = null;
  private tail = '';
  private waiting = '';
  private checked = '';

  constructor(private readonly ours: OurContacts = { phones: [] }) {}

  /** @returns the sentences that may be shown now */
  push(piece: string): string {
    this.waiting += this.words.push(this.readTags(this.head.push(piece)));
    const end = [...this.waiting.matchAll(SENTENCE_END)].at(-1);
    return end ? this.release(end.index + end[0].length) : '';
  }

  /** Call at the end of the answer. @returns the rest that may be shown */
  end(): string {
    this.waiting += this.words.push(this.readTags(this.head.end())) + this.words.end();
    return this.release(this.waiting.length);
  }

  get disposition(): Disposition | null {
    if (this.objection === 'EMERGENCY_ADVICE') return 'EMERGENCY';
    const { disposition } = this.head;
    return DISPOSITIONS.find((each) => each === this.raised || each === disposition) ?? null;
  }

  /** The model has said enough: it calls it an emergency, or said what it must not say. */
  get mustStop(): boolean {
    return this.objection !== null || this.disposition === 'EMERGENCY';
  }

  /** The text that was checked and may be shown. */
  get text(): string {
    return this.checked.trim();
  }

  /** All text of the model, for counting tokens. */
  get wholeText(): string {
    return this.words.text;
  }

  private release(length: number): string {
    const sentences = this.waiting.slice(0, length);
    this.waiting = this.waiting.slice(length);
    this.objection ??= objectionTo(this.checked.slice(-CONTEXT_CHARACTERS) + sentences, this.ours);
    if (this.objection) return '';
    const shown = this.checked === '' ? sentences.trimStart() : sentences;
    this.checked += shown;
    return shown;
  }

  /** A tag in the middle counts if it is more urgent. */
  private readTags(words: string): string {
    const recent = this.tail + words;
    for (const [, emergency] of recent.matchAll(TAGS)) {
      if (emergency) this.raised = 'EMERGENCY';
      else this.raised ??= 'URGENT';
    }
    this.tail = recent.slice(-MAX_TAG_CHARACTERS);
    return words;
  }
}
