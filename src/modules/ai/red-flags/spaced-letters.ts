import type { Rule } from './rule.js';

/** A letter with its marks. */
const CLUSTER = /^\p{L}\p{M}*$/u;
/** Two or three letters that no English, Hinglish or Arabizi sentence has as a word. */
const SHORT_WORDS = new Set(
  (
    'a i am an as at be by do go he hi if in is it me my no of oh ok on or so to up us we all and any are ask ate bad ' +
    'bed big boy but can cut dad day did die doc dr eat end eye far few for get got had has her him his hot how ill its ' +
    'leg let low lot man may mom mum new not now off old one our out own pay red run sad saw say see she shy sir sit six ' +
    'son the too try two use was way wet who why wife yes yet you ka ki ke ko se hi ho hai aap mai mat kar kab kal kya ' +
    'el fe fi ana msh'
  ).split(' '),
);

interface Squashed {
  /** The text without its spaces. */
  text: string;
  starts: Set<number>;
  ends: Set<number>;
  /** Where letters are spread: from, to. */
  areas: [number, number][];
}

const isFragment = (token: string): boolean =>
  (CLUSTER.test(token) || /^[a-z]{2,3}$/.test(token)) && !SHORT_WORDS.has(token);

/** Joins pieces of words: neighbouring tokens that are too short to be words. */
function squash(oneLine: string): Squashed | null {
  const squashed: Squashed = { text: '', starts: new Set(), ends: new Set(), areas: [] };
  let run: { from: number; fragments: number } | null = null;
  const close = (): void => {
    if (run && run.fragments >= 2) squashed.areas.push([run.from, squashed.text.length]);
    run = null;
  };
  for (const token of oneLine.split(' ').filter(Boolean)) {
    const fragment = isFragment(token);
    if (!fragment && !CLUSTER.test(token) && !SHORT_WORDS.has(token)) close();
    else {
      run ??= { from: squashed.text.length, fragments: 0 };
      if (fragment) run.fragments += 1;
    }
    squashed.starts.add(squashed.text.length);
    squashed.text += token;
    squashed.ends.add(squashed.text.length);
  }
  close();
  return squashed.areas.length > 0 ? squashed : null;
}

const patterns = new WeakMap<RegExp, RegExp>();

/** The same rule for a text without spaces. */
function withoutSpaces(pattern: RegExp): RegExp {
  const known = patterns.get(pattern);
  if (known) return known;
  const source = pattern.source
    .replace(/\(\?: \[\^ \|\]\+\)\{0,(\d)\} /g, (_, words: string) => `[^|]{0,${Number(words) * 6}}`)
    .replace(/\[\^ \|\][*+]/g, '[^|]{0,5}')
    .replace(/\\b| \??/g, '');
  const squashed = new RegExp(source, 'gu');
  patterns.set(pattern, squashed);
  return squashed;
}

/**
 * Finds conditions whose letters are spread over the line: "c a n t  b r e a t h e", "che st pa in". Such a match begins
 * and ends where words do, and has pieces of words in it.
 */
export function spreadIn(oneLine: string): ((rule: Rule) => boolean) | null {
  const squashed = squash(oneLine);
  if (!squashed) return null;
  const { text, starts, ends, areas } = squashed;
  return ({ pattern }) => {
    for (const match of text.matchAll(withoutSpaces(pattern))) {
      const [start, end] = [match.index, match.index + match[0].length];
      if (start === end || !starts.has(start)) continue;
      if (/[a-z]$/.test(match[0]) && !ends.has(end)) continue;
      if (areas.some(([from, to]) => start < to && end > from)) return true;
    }
    return false;
  };
}
