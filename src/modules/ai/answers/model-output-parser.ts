import type { AllowedContacts } from './checks/contacts.js';
import { findViolation } from './checks/output-check.js';
import type { Violation } from './checks/violation.js';
import { DispositionReader, DISPOSITIONS, type Disposition } from './disposition.js';
import { PlainTextConverter } from './plain-text.js';

const URGENT_TAGS = /\[{1,2}\s*(EMERGENCY)\s*\]{1,2}|\[{2}\s*(URGENT)\s*\]{2}/gi;
const MAX_TAG_CHARACTERS = 20;
/** Characters of the shown text that are checked again with the next sentences: a dose may span two sentences. */
const CONTEXT_CHARACTERS = 200;
/** After this many checks, short sentences are checked together: a text of "a. a. a. " would keep a processor busy. */
const MANY_CHECKS = 15;
const MIN_CHARACTERS_AFTER_MANY = 150;
const SENTENCE_END = /[.!?؟।…]["'”’»)\]]*\s+|\n+/gu;

/**
 * Parses the streamed answer of a model: reads its tag, converts it to plain text, and checks each sentence before it may be
 * shown. A tag later in the answer may raise the disposition, never lower it.
 */
export class ModelOutputParser {
  /** Why the rest of the text is withheld. */
  violation: Violation | null = null;
  private readonly dispositionReader = new DispositionReader();
  private readonly plainText = new PlainTextConverter();
  private raisedDisposition: Disposition | null = null;
  /** The end of the text before, which may contain the start of a tag. */
  private tagContext = '';
  /** Text without a sentence end so far. */
  private pending = '';
  private checked = '';
  private checks = 0;

  constructor(private readonly allowed: AllowedContacts = { phones: [] }) {}

  /** @returns the sentences that may be shown now */
  push(piece: string): string {
    this.add(this.dispositionReader.push(piece));
    // One sentence at a time, so that the same sentences are shown however the text is cut into pieces.
    const ends = [...this.pending.matchAll(SENTENCE_END)].map((end) => end.index + end[0].length);
    let done = 0;
    let shown = '';
    for (const end of ends) {
      if (this.violation || (this.checks >= MANY_CHECKS && end - done < MIN_CHARACTERS_AFTER_MANY)) continue;
      shown += this.checkPending(end - done);
      done = end;
    }
    return shown;
  }

  /** Call at the end of the answer. @returns the rest that may be shown */
  end(): string {
    this.add(this.dispositionReader.end());
    this.pending += this.plainText.end();
    const shown = this.push('');
    return shown + this.checkPending(this.pending.length);
  }

  get disposition(): Disposition | null {
    if (this.violation === 'EMERGENCY_ADVICE') return 'EMERGENCY';
    const { disposition } = this.dispositionReader;
    return DISPOSITIONS.find((each) => each === this.raisedDisposition || each === disposition) ?? null;
  }

  /** The rest of the answer is not needed: it is an emergency, or it contains what a model must not say. */
  get mustStop(): boolean {
    return this.violation !== null || this.disposition === 'EMERGENCY';
  }

  /** The text that was checked and may be shown. */
  get text(): string {
    return this.checked.trim();
  }

  /** The plain text that was read, without reasoning and tags, for estimating tokens: a lower bound. */
  get wholeText(): string {
    return this.plainText.text;
  }

  private add(text: string): void {
    this.readTags(text);
    this.pending += this.plainText.push(text);
  }

  /** The last sentences that were shown. A part of a sentence may lack what makes it harmless. */
  private context(): string {
    if (this.checked.length <= CONTEXT_CHARACTERS) return this.checked;
    const tail = this.checked.slice(-CONTEXT_CHARACTERS);
    const end = tail.matchAll(SENTENCE_END).next().value;
    return end ? tail.slice(end.index + end[0].length) : tail;
  }

  private checkPending(length: number): string {
    const sentences = this.pending.slice(0, length);
    this.pending = this.pending.slice(length);
    this.checks += 1;
    this.violation ??= findViolation(this.context() + sentences, this.allowed);
    if (this.violation) return '';
    const shown = this.checked === '' ? sentences.trimStart() : sentences;
    this.checked += shown;
    return shown;
  }

  /** Raises the disposition if the text contains a more urgent tag. */
  private readTags(text: string): void {
    const recent = this.tagContext + text;
    for (const [, emergency] of recent.matchAll(URGENT_TAGS)) {
      if (emergency) this.raisedDisposition = 'EMERGENCY';
      else this.raisedDisposition ??= 'URGENT';
    }
    this.tagContext = recent.slice(-MAX_TAG_CHARACTERS);
  }
}
