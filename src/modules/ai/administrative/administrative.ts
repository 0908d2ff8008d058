import { normalizeText } from '../red-flags/normalize.js';
import { ARABIC } from './arabic.js';
import { ENGLISH } from './english.js';
import { HINDI } from './hindi.js';
import { expandTemplates, type Vocabulary } from './phrases.js';

/** A longer message contains more than an administrative request. */
const MAX_CHARACTERS = 300;
const MAX_WORDS = 50;
const MAX_WORDS_PER_PHRASE = 9;
/** Emojis that mean no more than "hello" or "thank you". */
const FRIENDLY_EMOJI = /[🙂😊😀😃😄🙏👍👋🌷🌹💐✅📅]/gu;
const EMOJI = /\p{Extended_Pictographic}|\p{Regional_Indicator}/u;
const CLOCK_TIME = /(\p{Nd}{1,2}):(\p{Nd}{2})/gu;
/** The number of a time or date in a normalized text: "10", "10·30" (typed "10.30" or "10:30"), "5pm", "1st". */
const TIME_NUMBER = /^\d{1,2}(?:·\d{2})?(?:am|pm|st|nd|rd|th)?$/;
/** "at 10", "الساعة 5" */
const WORDS_BEFORE_TIME = new Set(expandTemplates(['(at|on|الساعة|الساعه|يوم|saa3a)']));
/** "10 am", "10 बजे" */
const WORDS_AFTER_TIME = new Set(
  expandTemplates([
    '(am|pm|oclock|minutes late|mins late|minutes|mins|बजे|baje|january|february|march|april|may|june|july|august|september|october|november|december|तारीख|صباحا|مساء|الصبح)',
  ]),
);

type PhraseKind = keyof Vocabulary;

/** Later kinds replace earlier ones: a phrase that is both a filler and a request is a request. */
const PHRASE_KINDS: readonly PhraseKind[] = ['fillers', 'greetings', 'requests'];
const KIND_BY_PHRASE = new Map<string, PhraseKind>();
for (const kind of PHRASE_KINDS) {
  for (const vocabulary of [ENGLISH, ARABIC, HINDI]) {
    for (const phrase of expandTemplates(vocabulary[kind])) KIND_BY_PHRASE.set(phrase, kind);
  }
}

/** What the phrases up to a position of the message contain. */
interface ParseState {
  hasRequest: boolean;
  onlyGreetings: boolean;
}

/**
 * Whether every word of a message belongs to a known phrase of a request (a booking, a cancellation, hours, prices, the
 * address, parking, insurance, documents), of a greeting or of thanks. Words that only join such phrases are not enough.
 */
export function hasOnlyAdministrativeWords(message: string): boolean {
  const text = message.replace(FRIENDLY_EMOJI, ' ').replace(CLOCK_TIME, '$1.$2');
  if (text.length > MAX_CHARACTERS || EMOJI.test(text)) return false;
  // A normalized text has "|" between its clauses.
  const words = normalizeText(text, false)
    .split(' ')
    .filter((word) => word !== '' && word !== '|');
  if (words.length === 0 || words.length > MAX_WORDS) return false;
  return parse(words).some(({ hasRequest, onlyGreetings }) => hasRequest || onlyGreetings);
}

/**
 * The rest of a message without its known requests, and without all known phrases of several words. It is split where a phrase
 * was removed, at the ends of clauses, and between Latin and other letters. Known single words such as "the" stay, since other
 * sentences have them, too. Empty if the message has no request and no greeting.
 */
export function getPartsBesideRequests(message: string): string[] {
  // With the "|" between clauses, which is part of no phrase.
  const words = normalizeText(message, false).split(' ').filter(Boolean);
  const parts: string[][] = [[]];
  let hasRequest = false;
  for (let position = 0; position < words.length;) {
    const phrases = [...findPhrases(words, position)];
    hasRequest ||= phrases.some(({ kind }) => kind !== 'fillers');
    const length = Math.max(0, ...phrases.filter(isRemoved).map((phrase) => phrase.length));
    const word = words[position] ?? '';
    const before = words[position - 1] ?? word;
    if (length > 0 || word === '|' || isLatin(word) !== isLatin(before)) parts.push([]);
    if (length === 0 && word !== '|') parts.at(-1)?.push(word);
    position += Math.max(1, length);
  }
  return hasRequest ? parts.filter((part) => part.length > 0).map((part) => part.join(' ')) : [];
}

const isLatin = (word: string): boolean => /[a-z]/.test(word);
const isRemoved = ({ kind, length }: { kind: PhraseKind; length: number }): boolean =>
  kind === 'requests' || length > 1;

/** Splits the words into known phrases in every possible way. @returns the states after the last word; none if no way exists */
function parse(words: readonly string[]): readonly ParseState[] {
  const statesAt: ParseState[][] = [[{ hasRequest: false, onlyGreetings: true }], ...words.map(() => [])];
  for (let position = 0; position < words.length; position += 1) {
    for (const state of statesAt[position] ?? []) {
      for (const { length, kind } of findPhrases(words, position)) {
        addState(statesAt[position + length] ?? [], nextState(state, kind));
      }
    }
  }
  return statesAt[words.length] ?? [];
}

function* findPhrases(words: readonly string[], position: number): Generator<{ length: number; kind: PhraseKind }> {
  if (isTime(words, position)) {
    yield { length: 1, kind: 'fillers' };
    if (WORDS_AFTER_TIME.has(words[position + 1] ?? '')) yield { length: 2, kind: 'fillers' };
  }
  const maxLength = Math.min(MAX_WORDS_PER_PHRASE, words.length - position);
  for (let length = 1; length <= maxLength; length += 1) {
    const phrase = words.slice(position, position + length).join(' ');
    const kind = KIND_BY_PHRASE.get(phrase) ?? KIND_BY_PHRASE.get(withoutArabicAnd(phrase));
    if (kind) yield { length, kind };
  }
}

/** In Arabic, "and" and "so" are written together with the next word. */
const withoutArabicAnd = (phrase: string): string => phrase.replace(/^[وف](?=\p{Script=Arabic}{3})/u, '');

function isTime(words: readonly string[], position: number): boolean {
  const [before = '', word = '', after = ''] = [words[position - 1], words[position], words[position + 1]];
  return (
    TIME_NUMBER.test(word) && (/[a-z]$/.test(word) || WORDS_BEFORE_TIME.has(before) || WORDS_AFTER_TIME.has(after))
  );
}

const nextState = (state: ParseState, kind: PhraseKind): ParseState => ({
  hasRequest: state.hasRequest || kind === 'requests',
  onlyGreetings: state.onlyGreetings && kind === 'greetings',
});

function addState(states: ParseState[], added: ParseState): void {
  const isKnown = states.some(
    (state) => state.hasRequest === added.hasRequest && state.onlyGreetings === added.onlyGreetings,
  );
  if (!isKnown) states.push(added);
}
