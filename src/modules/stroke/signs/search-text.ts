import {
  BOTH_ARMS_IMMOBILE,
  CLINICAL_FEATURE,
  FEATURES_THAT_ARE_SIGNS,
  foldKey,
  SIGN_KEYS,
  STRAY_ITEMS,
  SYMPTOMS_RESOLVED,
} from './sign-keys.js';
import { foldWord, isNo, isYes } from './words.js';

/** Words that may stand between the name of a symptom and its answer, as in `"face": { "present": true }`. */
const BETWEEN: ReadonlySet<string> = new Set(
  'present value answer is positive checked droop drooping weakness weak loss problem trouble the a left right side'
    .split(' ')
    .map(foldWord),
);
const NOT_ANSWERED: ReadonlySet<string> = new Set(['null', 'undefined', 'unknown', 'nan']);
const MAX_BETWEEN = 3;
/** Punctuation and blanks between a name and its answer; more is another sentence. */
const MAX_GAP = 40;

interface Word {
  text: string;
  start: number;
  end: number;
}

/**
 * Whether a text that is not JSON, or only the first part of it, sets a symptom: `face=true`, `face: yes`,
 * `name="face"` and a line further on `1`, `<arm>true</arm>`, a document that breaks off. Made for recall.
 */
export function textShowsSign(text: string): boolean {
  const plain = unescaped(text);
  const words = splitWords(plain);
  return words.some((_, index) => isSignAt(words, index));
}

function isSignAt(words: readonly Word[], index: number): boolean {
  // A name may be of one word or several: `faceDroop`, `face_droop`, `face-droop`, `sudden severe headache`.
  return [1, 2, 3].some((length) => {
    const parts = words.slice(index, index + length);
    const last = parts.at(-1);
    if (parts.length < length || !last || !areClose(parts)) return false;
    const key = foldKey(parts.map((part) => part.text).join(''));
    return answersAfter(words, index + length, last.end).some((answer) => isPositive(key, answer));
  });
}

const areClose = (parts: readonly Word[]): boolean =>
  parts.every((part, index) => index === 0 || part.start - (parts[index - 1] as Word).end === 1);

/** The answer; where none follows, the words before it that are answers themselves, as in `face: left, arm: none`. */
function answersAfter(words: readonly Word[], from: number, end: number): string[] {
  const passed: string[] = [];
  let before = end;
  for (const { text, start, end: next } of words.slice(from, from + MAX_BETWEEN + 1)) {
    if (start - before > MAX_GAP) break;
    const word = foldWord(text);
    if (NOT_ANSWERED.has(word)) return [];
    if (!BETWEEN.has(word)) return isYes(text) || isNo(text) || passed.length === 0 ? [text] : passed;
    passed.push(text);
    before = next;
  }
  return passed;
}

function isPositive(key: string, answer: string): boolean {
  if (key === SYMPTOMS_RESOLVED) return isNo(answer);
  if (key === CLINICAL_FEATURE) return FEATURES_THAT_ARE_SIGNS.includes(foldWord(answer));
  return (SIGN_KEYS.has(key) || STRAY_ITEMS.has(key) || key === BOTH_ARMS_IMMOBILE) && isYes(answer);
}

const splitWords = (text: string): Word[] =>
  [...text.matchAll(/[\p{L}\p{M}\p{N}]+|[✓✔✅☑]/gu)].map((match) => ({
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));

/** JSON's escapes and those of forms and addresses, as far as they can be read. */
const unescaped = (text: string): string =>
  text
    .replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\[nrt]/g, ' ')
    .replace(/(?:%[0-9a-f]{2})+/gi, decoded)
    .replace(/_/g, '-');

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return ' ';
  }
}
