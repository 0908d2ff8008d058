import { objectionTo, type OurContacts } from './checks/check.js';
import type { Objection } from './checks/objection.js';
import { DispositionReader, DISPOSITIONS, type Disposition } from './disposition.js';
import { PlainText } from './plain-text.js';

const TAGS = /\[{1,2}\s*(EMERGENCY)\s*\]{1,2}|\[{2}\s*(URGENT)\s*\]{2}/gi;
const MAX_TAG_CHARACTERS = 20;
/** Words that were shown already are read again with those that follow: a dose may stand in two sentences. */
const CONTEXT_CHARACTERS = 200;
const SENTENCE_END = /[.!?؟।…]["'”’»)\]]*\s+|\n+/gu;

/**
 * A model's answer as it comes in pieces: its tag is read, its words are made plain, and each sentence is checked before
 * it may be shown. The tag may be raised later in the answer, never lowered.
 */
export class ModelOutputParser {
  /** Why the words are not shown; nothing is shown after it. */
  objection: Objection | null = null;
  private readonly head = new DispositionReader();
  private readonly words = new PlainText();
  private raised: Disposition | null = null;
  private tail = '';
  private waiting = '';
  private checked = '';

  constructor(private readonly ours: OurContacts = { phones: [] }) {}

  /** @returns what may be shown now: whole sentences */
  push(piece: string): string {
    this.waiting += this.words.push(this.readTags(this.head.push(piece)));
    const end = [...this.waiting.matchAll(SENTENCE_END)].at(-1);
    return end ? this.release(end.index + end[0].length) : '';
  }

  /** @returns the rest of what may be shown */
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

  /** What was checked and may be shown. */
  get text(): string {
    return this.checked.trim();
  }

  /** How much the model has said. */
  get saidText(): string {
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

  /** A tag in the middle counts where it is more urgent. */
  private readTags(words: string): string {
    const heard = this.tail + words;
    for (const [, emergency] of heard.matchAll(TAGS)) {
      if (emergency) this.raised = 'EMERGENCY';
      else this.raised ??= 'URGENT';
    }
    this.tail = heard.slice(-MAX_TAG_CHARACTERS);
    return words;
  }
}
