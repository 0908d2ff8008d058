import type { Language } from '../../../core/kernel/locale.js';
import { normalizeLetters } from './normalize.js';

/** Kinds of emergency, the most urgent first. If a message has several, the first one selects the text of the answer. */
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
 * What a rule matches, and what excludes the match:
 * - PHRASE: a phrase that may contain its own negation ("can't breathe"). Only a past time excludes it.
 * - SYMPTOM: a symptom or an observation. A negation or a past time excludes it.
 * - CONDITION: the name of a condition. A general question ("what are the signs of a stroke?") excludes it too.
 */
export type RuleKind = 'PHRASE' | 'SYMPTOM' | 'CONDITION';

export interface Rule {
  flag: RedFlag;
  kind: RuleKind;
  pattern: RegExp;
}

/** The rules of one language, and the words that show whether a match is negated, in the past or only asked about. */
export interface LanguageRules {
  language: Language;
  rules: readonly Rule[];
  /** A negation that ends directly before the match. */
  negationBefore: RegExp | null;
  /** A negation that begins directly after the match. */
  negationAfter: RegExp | null;
  /** Follows the match and shows that it is not negated: "never had chest pain before". */
  pseudoNegation: RegExp | null;
  /** Separates the items of a list that is negated as a whole: "or", "nor". Global. */
  listSeparator: RegExp;
  /** The word for "or". */
  or: string;
  /** Where a new statement begins within a clause. Global. */
  statementStart: RegExp;
  /** A past time, such as "last week". Global. */
  pastTime: RegExp;
  /** A past time that refers to the words directly after it: "history of …". */
  pastPrefix: RegExp | null;
  /** Where a new subject begins: what follows is another statement. Global. */
  subjectStart: RegExp | null;
  /** A verb in the present tense. A past time does not exclude a match with one. */
  presentVerb: RegExp;
  /** A present time. It overrules a past time in the same statement. */
  presentTime: RegExp;
  /** Overrules a past time in the statement before: "last year chest pain, it is back". */
  recurrence: RegExp;
  /** A question about a condition in general. */
  generalQuestion: RegExp;
  /** A report of a case. It overrules a general question: "what can I do, my wife is having …". */
  report: RegExp;
}

/**
 * A pattern for normalized text. ` ~3 ` stands for up to three words of the same clause, `…20` for up to twenty
 * characters of it. Unlike these, `.{0,60}` may cross the end of a clause.
 */
export const pattern = (source: string): RegExp =>
  // The ellipsis is replaced before the normalization, which would turn it into three dots.
  new RegExp(normalizeLetters(source.replace(/…(\d+)/g, '[^|]{0,$1}').replace(/ ~(\d) /g, '(?: [^ |]+){0,$1} ')), 'gu');

export const rules = (flag: RedFlag, kind: RuleKind, ...sources: string[]): Rule[] =>
  sources.map((source) => ({ flag, kind, pattern: pattern(source) }));
