import type { Language } from '../../stroke/index.js';
import { ARABIC, ARABIZI } from './arabic.js';
import { ENGLISH } from './english.js';
import { HINDI, HINGLISH, HINGLISH_NEGATED_AFTER } from './hindi.js';
import { type Reading, readingsOf, spacedReadingOf, storiesOf } from './text-variants.js';
import { RED_FLAGS, type Lexicon, type RedFlag, type Rule } from './rule.js';
import { Scope, type Span } from './scope.js';
import { spelled } from './spelling.js';
import { spreadIn } from './spaced-letters.js';

export interface Found {
  flag: RedFlag;
  /** The language that it was said in. */
  language: Language;
}

const HINGLISH_LEXICON: Lexicon = { ...HINDI, rules: HINGLISH, negatedAfter: HINGLISH_NEGATED_AFTER };
const ARABIZI_LEXICON: Lexicon = { ...ARABIC, rules: ARABIZI };
/** Of an earlier message the end is read. */
const EARLIER_CHARACTERS = 500;
/** A phrase that goes on over the end of a clause, or of a message, has at most so many words. */
const WORDS_OVER_A_BREAK = 6;
const WORDS_OVER_MESSAGES = 9;
const MAX_CHARACTERS = 64_000;
const PART_CHARACTERS = 4_000;
const OVERLAP_CHARACTERS = 200;

/**
 * Looks for signs of an emergency, before any model is asked. Rules in English, Arabic and Hindi and in Latin spellings
 * of both; made for recall: what is unclear is an emergency. It does not matter who is ill.
 */
export function findRedFlag(message: string): Found | null {
  const found = readingsOf(message).flatMap((reading) =>
    lexiconsFor(reading).flatMap((reader) => conditionsIn(reader)),
  );
  return mostUrgent([...found, ...spreadConditions(spacedReadingOf(message))]);
}

/** The same for a text of any length: read in parts that overlap; of a very long one the beginning and the end. */
export function findRedFlagInLongText(text: string): Found | null {
  const read =
    text.length <= MAX_CHARACTERS ? [text] : [text.slice(0, MAX_CHARACTERS / 2), text.slice(-MAX_CHARACTERS / 2)];
  for (const each of read) {
    for (let start = 0; start < each.length; start += PART_CHARACTERS - OVERLAP_CHARACTERS) {
      const found = findRedFlag(each.slice(start, start + PART_CHARACTERS));
      if (found) return found;
    }
  }
  return null;
}

/** A sign that is told in several messages, of which each alone shows none. */
export function findRedFlagInStory(earlier: readonly string[], message: string): Found | null {
  if (earlier.length === 0) return null;
  const ends = earlier.map((text) => text.slice(-EARLIER_CHARACTERS));
  const found = storiesOf(ends, message).flatMap((story) =>
    lexiconsFor(story).flatMap((reader) => conditionsIn(reader, story.last)),
  );
  return mostUrgent(found);
}

interface Reader extends Reading {
  lexicon: Lexicon;
}

function lexiconsFor({ text, breaks }: Reading): Reader[] {
  const readers: Reader[] = [];
  if (/\p{Script=Arabic}/u.test(text)) readers.push({ lexicon: ARABIC, text, breaks });
  if (/\p{Script=Devanagari}/u.test(text)) readers.push({ lexicon: HINDI, text, breaks });
  if (/[a-z]/.test(text)) {
    readers.push({ lexicon: ENGLISH, text: spelled(text), breaks });
    readers.push({ lexicon: HINGLISH_LEXICON, text, breaks }, { lexicon: ARABIZI_LEXICON, text, breaks });
  }
  return readers;
}

/** @param lastCharacters only conditions that begin before these and reach into them */
function conditionsIn(reader: Reader, lastCharacters: number | null = null): Found[] {
  const { lexicon, text } = reader;
  const matches: { rule: Rule; span: Span }[] = lexicon.rules.flatMap((rule) =>
    [...text.matchAll(rule.pattern)].map(({ index, 0: words }) => ({ rule, span: [index, index + words.length] })),
  );
  if (matches.length === 0) return [];
  const last = lastCharacters === null ? null : text.length - lastCharacters;
  const most = last === null ? WORDS_OVER_A_BREAK : WORDS_OVER_MESSAGES;
  const reaches = ([start, end]: Span): boolean => last === null || (start < last - 1 && end > last);
  const scope = new Scope(
    text,
    lexicon,
    matches.map(({ span }) => span),
  );
  return matches
    .filter(({ rule, span }) => reaches(span) && holdsTogether(reader, span, most) && !scope.clears(rule, span))
    .map(({ rule }) => ({ flag: rule.flag, language: lexicon.language }));
}

/** Over the end of a clause only short phrases are read as one. */
function holdsTogether({ text, breaks }: Reading, [start, end]: Span, most: number): boolean {
  if (breaks.length === 0) return true;
  const words = (until: string): number => until.split(' ').filter(Boolean).length;
  const first = words(text.slice(0, start));
  const count = words(text.slice(start, end));
  return count <= most || !breaks.some((at) => at > first && at < first + count);
}

function spreadConditions(oneLine: string): Found[] {
  const isIn = spreadIn(oneLine);
  if (!isIn) return [];
  return lexiconsFor({ text: oneLine, breaks: [] }).flatMap(({ lexicon: { rules, language } }) =>
    rules.filter(isIn).map(({ flag }) => ({ flag, language })),
  );
}

const mostUrgent = (found: Found[]): Found | null =>
  found.sort((a, b) => RED_FLAGS.indexOf(a.flag) - RED_FLAGS.indexOf(b.flag))[0] ?? null;
