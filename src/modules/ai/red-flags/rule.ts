import type { Language } from '../../stroke/index.js';
import { foldLetters } from './normalize.js';

/** Kinds of emergency that the rules know, the first in this list decides the text of the answer. */
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
 * SURE: contains its own negation ("can't breathe"), so only a time in the past clears it.
 * SIGN: a symptom or an observation; cleared by a negation or a time in the past that governs it.
 * NAME: the name of a condition; also cleared by a general question about it ("what are the signs of a stroke?").
 */
export type Kind = 'SURE' | 'SIGN' | 'NAME';

export interface Rule {
  flag: RedFlag;
  kind: Kind;
  pattern: RegExp;
}

/** The words of one language that make a condition negated, past or hypothetical. */
export interface Lexicon {
  language: Language;
  rules: readonly Rule[];
  /** Ends directly before the condition that it negates. */
  negatedBefore: RegExp | null;
  /** Begins directly after the condition that it negates. */
  negatedAfter: RegExp | null;
  /** Follows a condition and undoes its negation: "never had chest pain before". */
  negationUndone: RegExp | null;
  /** Goes on with a list that is negated as a whole: "or", "nor". Global. */
  listed: RegExp;
  /** Its plain "or". */
  or: string;
  /** Where a new statement begins inside a clause. Global. */
  newStatement: RegExp;
  /** A time long ago. Global. */
  longPast: RegExp;
  /** Puts the condition that follows directly into the past: "history of …". Global. */
  pastOf: RegExp | null;
  /** A new subject: what follows is another statement than what stands before it. Global. */
  subject: RegExp | null;
  /** A verb of the present in a condition: no time in the past governs that condition. */
  present: RegExp;
  /** Overrules a time in the past in the same statement. */
  now: RegExp;
  /** Overrules a time in the past from the next statement: "last year chest pain, it is back". */
  returned: RegExp;
  /** A question about a condition in general. */
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
