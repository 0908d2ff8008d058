import type { Rule } from './rule.js';

/** A letter with its combining marks. */
const SINGLE_LETTER = /^\p{L}\p{M}*$/u;
/** English, Hinglish and Arabizi words of at most three letters. Other short tokens are parts of a word. */
const SHORT_WORDS = new Set(
  (
    'a i am an as at be by do go he hi if in is it me my no of oh ok on or so to up us we all and any are ask ate bad ' +
    'bed big boy but can cut dad day did die doc dr eat end eye far few for get got had has her him his hot how ill its ' +
    'leg let low lot man may mom mum new not now off old one our out own pay red run sad saw say see she shy sir sit six ' +
    'son the too try two use was way wet who why yes yet you ka ki ke ko se ho hai aap mai mat kar kab kal kya ' +
    'el fe fi ana msh'
  ).split(' '),
);

export interface JoinedText {
  /** The text without its spaces. */
  text: string;
  wordStarts: Set<number>;
  wordEnds: Set<number>;
  /** Ranges that contain parts of words. */
  fragmentRanges: { start: number; end: number }[];
}

const isWordFragment = (token: string): boolean =>
  (SINGLE_LETTER.test(token) || /^[a-z]{2,3}$/.test(token)) && !SHORT_WORDS.has(token);

/** Removes the spaces of a normalized line. @returns null if no two neighbouring tokens are parts of words */
export function joinSpacedLetters(line: string): JoinedText | null {
  const joined: JoinedText = { text: '', wordStarts: new Set(), wordEnds: new Set(), fragmentRanges: [] };
  let run: { start: number; fragments: number } | null = null;
  const endRun = (): void => {
    if (run && run.fragments >= 2) joined.fragmentRanges.push({ start: run.start, end: joined.text.length });
    run = null;
  };
  for (const token of line.split(' ').filter(Boolean)) {
    const isFragment = isWordFragment(token);
    if (!isFragment && !SINGLE_LETTER.test(token) && !SHORT_WORDS.has(token)) endRun();
    else {
      run ??= { start: joined.text.length, fragments: 0 };
      if (isFragment) run.fragments += 1;
    }
    joined.wordStarts.add(joined.text.length);
    joined.text += token;
    joined.wordEnds.add(joined.text.length);
  }
  endRun();
  return joined.fragmentRanges.length > 0 ? joined : null;
}

/** Characters of an average word. */
const WORD_CHARACTERS = 6;
/** Characters of the rest of a word. */
const MAX_SUFFIX_CHARACTERS = 5;

const patternsWithoutSpaces = new WeakMap<RegExp, RegExp>();

/**
 * The same pattern for a text without spaces. In a pattern, a space ends each word of `(?: [^ |]+){0,3} ` (which pattern() in
 * rule.ts makes of ` ~3 `) and of `[^ |]*`; without spaces, a number of characters does: without an end, the time would grow with a power of
 * the length. Each pattern is compiled once.
 */
function withoutSpaces(pattern: RegExp): RegExp {
  const compiled = patternsWithoutSpaces.get(pattern);
  if (compiled) return compiled;
  const source = pattern.source
    .replace(
      /\(\?: \[\^ \|([^\]]*)\]\+\)\{0,(\d)\} /g,
      (_, excluded: string, words: string) => `[^|${excluded}]{0,${Number(words) * WORD_CHARACTERS}}`,
    )
    .replace(/\[\^ \|([^\]]*)\][*+]/g, `[^|$1]{0,${MAX_SUFFIX_CHARACTERS}}`)
    .replace(/\\b| \??/g, '');
  const joined = new RegExp(source, 'gu');
  patternsWithoutSpaces.set(pattern, joined);
  return joined;
}

/**
 * Whether a rule matches a word with spaces between its letters: "c a n t  b r e a t h e", "che st pa in". Such a match
 * starts and ends at a word boundary and contains parts of words.
 */
export function matchesSpacedLetters({ pattern }: Rule, joined: JoinedText): boolean {
  for (const { index: start, 0: matched } of joined.text.matchAll(withoutSpaces(pattern))) {
    const end = start + matched.length;
    if (start === end || !joined.wordStarts.has(start)) continue;
    if (/[a-z]$/.test(matched) && !joined.wordEnds.has(end)) continue;
    if (joined.fragmentRanges.some((range) => start < range.end && end > range.start)) return true;
  }
  return false;
}
