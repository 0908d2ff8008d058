import type { Language } from '../../stroke/index.js';
import { ARABIC, ARABIZI } from './arabic.js';
import { ENGLISH } from './english.js';
import { fold } from './fold.js';
import { HINDI, HINGLISH } from './hindi.js';
import { RED_FLAGS, type Lexicon, type RedFlag, type Rule } from './rule.js';
import { spelled } from './spelling.js';

export interface Found {
  flag: RedFlag;
  /** The language that it was said in. */
  language: Language;
}

const HINGLISH_LEXICON: Lexicon = {
  ...HINDI,
  rules: HINGLISH,
  negatedAfter: /^[^ |]*(?: (?!aur )[^ |]+){0,3} (?:nahi|nahin) (?:hai|hain|tha|hua)/u,
};
const ARABIZI_LEXICON: Lexicon = { ...ARABIC, rules: ARABIZI };

/**
 * Looks for what cannot wait, before any model is asked. Rules, in English, Arabic and Hindi and in Latin spellings of
 * both; made for recall: what is unclear is an emergency. It does not matter who is ill.
 */
export function findRedFlag(message: string): Found | null {
  const text = fold(message);
  const found: Found[] = [];
  const look = (lexicon: Lexicon, inText: string): void => {
    for (const rule of lexicon.rules) {
      if (says(inText, rule, lexicon)) found.push({ flag: rule.flag, language: lexicon.language });
    }
  };
  if (/\p{Script=Arabic}/u.test(text)) look(ARABIC, text);
  if (/\p{Script=Devanagari}/u.test(text)) look(HINDI, text);
  if (/[a-z]/.test(text)) {
    look(ENGLISH, spelled(text));
    look(HINGLISH_LEXICON, text);
    look(ARABIZI_LEXICON, text);
  }
  return found.sort((a, b) => RED_FLAGS.indexOf(a.flag) - RED_FLAGS.indexOf(b.flag))[0] ?? null;
}

const holds = (pattern: RegExp, text: string): boolean => text.search(pattern) >= 0;

function says(text: string, { kind, pattern }: Rule, lexicon: Lexicon): boolean {
  for (const match of text.matchAll(pattern)) {
    const [start, end] = [match.index, match.index + match[0].length];
    const [from, to] = clauseAround(text, start, end);
    const clause = text.slice(from, to);
    if (holds(lexicon.longPast, clause) && !holds(lexicon.now, text.slice(from, endOfNextClause(text, to)))) continue;
    if (kind === 'NAME' && holds(lexicon.asking, clause) && !holds(lexicon.reporting, clause)) continue;
    if (kind !== 'SURE' && isNegated(text.slice(from, start), text.slice(end, to), lexicon)) continue;
    return true;
  }
  return false;
}

function clauseAround(text: string, start: number, end: number): [from: number, to: number] {
  const to = text.indexOf('|', end);
  return [text.lastIndexOf('|', start) + 1, to < 0 ? text.length : to];
}

/** "Last year I had chest pain, and it is back": what overrules the past often comes after a comma. */
function endOfNextClause(text: string, to: number): number {
  const end = text.indexOf('|', to + 1);
  return end < 0 ? text.length : end;
}

/** The blank that a pattern may begin with belongs to what stands before it. */
const isNegated = (before: string, after: string, { negatedBefore, negatedAfter }: Lexicon): boolean =>
  (negatedBefore?.test(`${before} `.replace(/ +$/, ' ')) ?? false) || (negatedAfter?.test(after) ?? false);
