import {
  BOTH_ARMS_IMMOBILE,
  CLINICAL_FEATURE,
  FEATURES_THAT_ARE_SIGNS,
  foldKey,
  SCALES,
  SIGN_KEYS,
  STRAY_ITEMS,
  SYMPTOMS_RESOLVED,
} from './sign-keys.js';
import { signsNamedIn } from './find-signs.js';
import { CHECK_MARKS, foldWord, isNo, isPolite, isYes } from './words.js';

/** Words that may be between the name of a symptom and its answer, as in `"face": { "present": true }`. */
const BETWEEN: ReadonlySet<string> = new Set(
  'present value answer is positive checked droop drooping weakness weak loss problem trouble the a left right side total score'
    .split(' ')
    .map(foldWord),
);
const NOT_ANSWERED: ReadonlySet<string> = new Set(['null', 'undefined', 'unknown', 'nan']);
const MAX_WORDS_BETWEEN = 3;
/** The maximum punctuation and space between a name and its answer. */
const MAX_GAP_CHARACTERS = 40;
/** The maximum number of characters to search. */
const MAX_CHARACTERS = 256 * 1024;
/** Texts up to this length are searched completely, longer ones only in the parts that begin with a possible name. */
const SHORT_CHARACTERS = 32 * 1024;
/** The length of a part: a name and its answer. */
const PART_CHARACTERS = 240;
/** The maximum length of all parts of a long text. */
const MAX_PARTS_CHARACTERS = 64 * 1024;
/** A decimal number, a word or a check mark. */
const WORD = new RegExp(`\\p{N}*\\.\\p{N}+|[\\p{L}\\p{M}\\p{N}]+|[${CHECK_MARKS}]`, 'gu');
const COMMENTS = /\/\*[^]{0,500}?\*\/|\/\/[^\n"'{}<>]{0,500}(?=\n|$)/g;
const LISTED =
  /\b(?:symptoms?|signs?)["'\s]{0,4}(?:\[\d*\])?["'\s]{0,4}[:=>]\s{0,4}(?:\[([^\]{}:]{1,300})|((?:- ?[^\n:]{2,60}\n?){1,20})|[-"']{0,2}\s?([\p{L}\p{M}][\p{L}\p{M} ,-]{2,100})["']?\s?(?=[\],;&<\n}]|$))/giu;

const KEYS: ReadonlySet<string> = new Set([
  ...SIGN_KEYS.keys(),
  ...STRAY_ITEMS.keys(),
  BOTH_ARMS_IMMOBILE,
  SYMPTOMS_RESOLVED,
  CLINICAL_FEATURE,
  // The totals of scales, except RACE, whose name has another meaning.
  ...SCALES.filter((scale) => scale !== 'race'),
]);
/** The prefixes of all names, to skip most words quickly. */
const KEY_PREFIXES: ReadonlySet<string> = new Set([...KEYS].map((key) => key.slice(0, 3)));
const POSSIBLE_KEY = new RegExp(`(?<![\\p{L}\\p{M}])(?:${[...KEY_PREFIXES].join('|')})`, 'giu');

/** The meaning of a word by itself. */
interface Meaning {
  /** As a part of a field's name. */
  key: string;
  isYes: boolean;
  isNo: boolean;
  isBetween: boolean;
  isUnanswered: boolean;
}

interface Word extends Meaning {
  start: number;
  end: number;
}

/**
 * Whether a text that is not complete JSON contains a positive symptom: `face=true`, `face: yes`, `name="face"` with `1` on the
 * next line, `<arm>true</arm>`, a truncated document. Prefers false positives to missed signs.
 */
export function textShowsSign(text: string): boolean {
  const clean = unescaped(text.slice(0, MAX_CHARACTERS))
    .replace(COMMENTS, ' ')
    .replace(/\s{2,}/g, squeezed);
  return listsSign(clean) || selectParts(clean).some(showsSign);
}

function showsSign(text: string): boolean {
  const words = splitWords(text);
  return words.some(({ key }, index) => KEY_PREFIXES.has(key.slice(0, 3)) && isSignAt(words, index));
}

const squeezed = (blanks: string): string => (blanks.includes('\n') ? '\n' : ' ');

/** The text; of a long text, only the parts that begin with a possible name, to limit the cost. Overlapping parts are joined. */
function selectParts(text: string): string[] {
  if (text.length <= SHORT_CHARACTERS) return [text];
  const parts: { start: number; end: number }[] = [];
  let total = 0;
  for (const { index } of text.matchAll(POSSIBLE_KEY)) {
    const end = index + PART_CHARACTERS;
    const last = parts.at(-1);
    total += end - Math.max(last?.end ?? 0, index);
    if (last && index <= last.end) last.end = end;
    else parts.push({ start: index, end });
    if (total > MAX_PARTS_CHARACTERS) break;
  }
  return parts.map(({ start, end }) => text.slice(start, end));
}

/** Whether the text contains a list of present symptoms: `symptoms[]=face`, `"symptoms":["face"`, `symptoms: face, arm`. */
function listsSign(text: string): boolean {
  return [...text.matchAll(LISTED)].some(([, ...lists]) =>
    lists.some((list) => list !== undefined && signsNamedIn(list.replace(/["']/g, '')).length > 0),
  );
}

function isSignAt(words: readonly Word[], index: number): boolean {
  // A name may consist of several words: `faceDroop`, `face_droop`, `face-droop`, `sudden severe headache`.
  return [1, 2, 3].some((length) => {
    const parts = words.slice(index, index + length);
    const last = parts.at(-1);
    if (parts.length < length || !last || !areClose(parts)) return false;
    const key = parts.map((part) => part.key).join('');
    return KEYS.has(key) && answersAfter(words, index + length, last.end).some((answer) => isPositive(key, answer));
  });
}

const areClose = (parts: readonly Word[]): boolean =>
  parts.every((part, index) => index === 0 || part.start - (parts[index - 1] as Word).end === 1);

/**
 * The word that answers a name. If there is none, the words of BETWEEN that follow the name, some of which are answers themselves:
 * `left` in `face: left, arm: none`.
 */
function answersAfter(words: readonly Word[], from: number, end: number): Word[] {
  const passed: Word[] = [];
  let before = end;
  for (const word of words.slice(from, from + MAX_WORDS_BETWEEN + 1)) {
    if (word.start - before > MAX_GAP_CHARACTERS) break;
    if (word.isUnanswered) return [];
    if (!word.isBetween) return word.isYes || word.isNo || passed.length === 0 ? [word] : passed;
    passed.push(word);
    before = word.end;
  }
  return passed;
}

function isPositive(key: string, answer: Word): boolean {
  if (key === SYMPTOMS_RESOLVED) return answer.isNo;
  if (key === CLINICAL_FEATURE) return FEATURES_THAT_ARE_SIGNS.includes(answer.key);
  return answer.isYes;
}

/** Splits a text into words. The meaning of each different word is computed once. */
function splitWords(text: string): Word[] {
  const meanings = new Map<string, Meaning>();
  const getMeaning = (word: string): Meaning => {
    const known = meanings.get(word);
    if (known) return known;
    const folded = foldWord(word);
    const meaning = {
      key: foldKey(word),
      isYes: isYes(word),
      isNo: isNo(word),
      isBetween: BETWEEN.has(folded) || isPolite(folded),
      isUnanswered: NOT_ANSWERED.has(folded),
    };
    meanings.set(word, meaning);
    return meaning;
  };
  return [...text.matchAll(WORD)].map((match) => ({
    ...getMeaning(match[0]),
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** Decodes escapes of JSON and URLs, as far as they are valid, and splits names such as `face_droop` at the underscore. */
export const unescaped = (text: string): string =>
  text
    .replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\[nrt]/g, ' ')
    .replace(/%25(?=[0-9a-f]{2})/gi, '%')
    .replace(/(?:%[0-9a-f]{2})+/gi, decoded)
    .replace(/[_+]/g, ' ');

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return ' ';
  }
}
