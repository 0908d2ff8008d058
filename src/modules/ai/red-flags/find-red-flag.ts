import type { Language } from '../../../core/kernel/locale.js';
import { ARABIC, ARABIZI } from './arabic.js';
import { ENGLISH } from './english.js';
import { HINDI, HINGLISH, HINGLISH_NEGATION_AFTER } from './hindi.js';
import { isPlainStatement } from './plain-statement.js';
import { RED_FLAGS, type LanguageRules, type RedFlag, type Rule, type RuleKind } from './rule.js';
import { Scope, type Span } from './scope.js';
import { joinSpacedLetters, matchesSpacedLetters } from './spaced-letters.js';
import { correctSpelling } from './spelling.js';
import { getSpacedLine, getTextVariants, joinMessages, type TextVariant } from './text-variants.js';

export interface RedFlagMatch {
  flag: RedFlag;
  /** The language of the matched words. */
  language: Language;
  kind: RuleKind;
  /** Its clause says nothing else. */
  isPlain: boolean;
}

export type MatchKind = Pick<RedFlagMatch, 'kind' | 'isPlain'>;

/** Selects the matches that count. */
export type Accepts = (match: MatchKind) => boolean;

const acceptsAll: Accepts = () => true;
const HINGLISH_RULES: LanguageRules = { ...HINDI, rules: HINGLISH, negationAfter: HINGLISH_NEGATION_AFTER };
const ARABIZI_RULES: LanguageRules = { ...ARABIC, rules: ARABIZI };
/** Only the end of an earlier message is searched. */
const MAX_EARLIER_CHARACTERS = 500;
/** Words of a match that continues over the end of a clause, or of a message. */
const MAX_WORDS_ACROSS_CLAUSES = 6;
const MAX_WORDS_ACROSS_MESSAGES = 9;
const MAX_CHARACTERS = 64_000;
const PART_CHARACTERS = 4_000;
const OVERLAP_CHARACTERS = 200;

/**
 * Searches a message for red flags, before any model is called. The rules cover English, Arabic, Hindi, and
 * Arabic and Hindi in Latin letters. They prefer recall to precision: an unclear message counts as an emergency. It does
 * not matter which person has the symptoms.
 */
export function findRedFlag(message: string, accepts = acceptsAll): RedFlagMatch | null {
  const matches = getTextVariants(message).flatMap(selectRules).flatMap(findMatches);
  return selectMostUrgent([...matches, ...findInSpacedLetters(getSpacedLine(message))].filter(accepts));
}

/**
 * The same for a text of any length, in overlapping parts: returns the most urgent of their matches. Of a very long text, only
 * the start and the end are searched.
 */
export function findRedFlagInLongText(text: string, accepts = acceptsAll): RedFlagMatch | null {
  const half = MAX_CHARACTERS / 2;
  const searched = text.length <= MAX_CHARACTERS ? [text] : [text.slice(0, half), text.slice(-half)];
  return selectMostUrgent(searched.flatMap(splitIntoParts).flatMap((part) => findRedFlag(part, accepts) ?? []));
}

/** No part lies within the part before it: without the words before a match, its negation would not be seen. */
function splitIntoParts(text: string): string[] {
  const parts = [text.slice(0, PART_CHARACTERS)];
  for (let end = PART_CHARACTERS; end < text.length; end += PART_CHARACTERS - OVERLAP_CHARACTERS) {
    const start = end - OVERLAP_CHARACTERS;
    parts.push(text.slice(start, start + PART_CHARACTERS));
  }
  return parts;
}

/** Finds a red flag that begins in an earlier message and ends in the last one. */
export function findRedFlagAcrossMessages(earlier: readonly string[], message: string): RedFlagMatch | null {
  if (earlier.length === 0) return null;
  const ends = earlier.map((text) => text.slice(-MAX_EARLIER_CHARACTERS));
  return selectMostUrgent(joinMessages(ends, message).flatMap(selectRules).flatMap(findMatches));
}

/** A text, and the rules to search it with. */
interface Search extends TextVariant {
  language: LanguageRules;
}

/** Selects the rules by the scripts of the text. */
function selectRules(variant: TextVariant): Search[] {
  const searches: Search[] = [];
  if (/\p{Script=Arabic}/u.test(variant.text)) searches.push({ language: ARABIC, ...variant });
  if (/\p{Script=Devanagari}/u.test(variant.text)) searches.push({ language: HINDI, ...variant });
  if (/[a-z]/.test(variant.text)) {
    searches.push({ language: ENGLISH, ...withCorrectSpelling(variant) });
    searches.push({ language: HINGLISH_RULES, ...variant });
    searches.push({ language: ARABIZI_RULES, ...variant });
  }
  return searches;
}

/** Corrected words have other lengths: the start of the last message moves with them. The number of words stays. */
const withCorrectSpelling = ({ text, removedBreaks, lastStart }: TextVariant): TextVariant => ({
  text: correctSpelling(text),
  removedBreaks,
  lastStart: lastStart === null ? null : correctSpelling(text.slice(0, lastStart)).length,
});

/** Of several messages, returns only the matches that begin before the last one and end in it. */
function findMatches(search: Search): RedFlagMatch[] {
  const { language, text, lastStart } = search;
  const matches = language.rules.flatMap((rule) => findSpans(rule, text).map((span) => ({ rule, span })));
  if (matches.length === 0) return [];
  const scope = new Scope(
    text,
    language,
    matches.map(({ span }) => span),
  );
  // A match may begin with the space before its first word. The space before the last message belongs to that message.
  const crossesStart = ([start, end]: Span): boolean =>
    lastStart === null || (start < lastStart - 1 && end > lastStart);
  const maxWords = lastStart === null ? MAX_WORDS_ACROSS_CLAUSES : MAX_WORDS_ACROSS_MESSAGES;
  return matches
    .filter(({ span }) => crossesStart(span) && isWithinClauseOrShort(search, span, maxWords))
    .filter(({ rule, span }) => !scope.excludes(rule, span))
    .map(({ rule, span }) => ({
      flag: rule.flag,
      language: language.language,
      kind: rule.kind,
      isPlain: isPlainStatement(text, span),
    }));
}

const findSpans = ({ pattern }: Rule, text: string): Span[] =>
  [...text.matchAll(pattern)].map(({ index, 0: matched }): Span => [index, index + matched.length]);

/** Only a short match may continue over the end of a clause. */
function isWithinClauseOrShort({ text, removedBreaks }: TextVariant, [start, end]: Span, maxWords: number): boolean {
  if (removedBreaks.length === 0) return true;
  const countWords = (part: string): number => part.split(' ').filter(Boolean).length;
  const wordsBefore = countWords(text.slice(0, start));
  const words = countWords(text.slice(start, end));
  return words <= maxWords || !removedBreaks.some((at) => at > wordsBefore && at < wordsBefore + words);
}

function findInSpacedLetters(line: string): RedFlagMatch[] {
  const joined = joinSpacedLetters(line);
  if (!joined) return [];
  return selectRules({ text: line, removedBreaks: [], lastStart: null }).flatMap(({ language: { rules, language } }) =>
    rules
      .filter((rule) => matchesSpacedLetters(rule, joined))
      .map(({ flag }) => ({ flag, language, kind: 'PHRASE' as const, isPlain: false })),
  );
}

const selectMostUrgent = (matches: RedFlagMatch[]): RedFlagMatch | null =>
  matches.toSorted((a, b) => RED_FLAGS.indexOf(a.flag) - RED_FLAGS.indexOf(b.flag))[0] ?? null;
