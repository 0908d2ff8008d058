import type { Language } from '../../stroke/index.js';
import { foldLetters } from './fold.js';

/** What a message may tell of that cannot wait for an appointment, or for a model. The first found decides the text. */
export const RED_FLAGS = [
  'SELF_HARM',
  'STROKE',
  'BREATHING',
  'UNCONSCIOUS',
  'CHEST_PAIN',
  'SEIZURE',
  'ALLERGY',
  'POISONING',
  'PREGNANCY',
  'INFANT',
  'BLEEDING',
  'TRAUMA',
  'HEADACHE',
  'OTHER',
] as const;
export type RedFlag = (typeof RED_FLAGS)[number];

/**
 * SURE: has its own "not" in it ("can't breathe"), so only a time long past clears it.
 * SIGN: something felt or seen; cleared by "no …" and by a time long past.
 * NAME: the name of a condition; cleared as well by a question about it ("what are the signs of a stroke?").
 */
export type Kind = 'SURE' | 'SIGN' | 'NAME';

export interface Rule {
  flag: RedFlag;
  kind: Kind;
  pattern: RegExp;
}

export interface Lexicon {
  language: Language;
  rules: readonly Rule[];
  /** Ends right before what it negates. */
  negatedBefore: RegExp | null;
  /** Begins right after what it negates. */
  negatedAfter: RegExp | null;
  longPast: RegExp;
  /** Overrules the past: "last year a stroke, and now …". */
  now: RegExp;
  /** A question about a condition rather than a report of one. */
  asking: RegExp;
  /** Overrules the question: "what can I do, my wife is having …". */
  reporting: RegExp;
}

/**
 * A pattern over folded text. ` ~3 ` stands for up to three words in the same clause, `…20` for up to twenty characters
 * of it.
 */
export const pattern = (source: string): RegExp =>
  // The ellipsis first: folding would take it for three dots.
  new RegExp(foldLetters(source.replace(/…(\d+)/g, '[^|]{0,$1}').replace(/ ~(\d) /g, '(?: [^ |]+){0,$1} ')), 'gu');

export const rules = (flag: RedFlag, kind: Kind, ...sources: string[]): Rule[] =>
  sources.map((source) => ({ flag, kind, pattern: pattern(source) }));
