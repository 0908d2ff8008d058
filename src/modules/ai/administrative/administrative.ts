import { fold } from '../red-flags/normalize.js';
import { ARABIC } from './arabic.js';
import { ENGLISH } from './english.js';
import { HINDI } from './hindi.js';
import { expanded, type Vocabulary } from './phrases.js';

/** Longer messages contain more than an administrative request. */
const MAX_CHARACTERS = 300;
const MAX_WORDS = 50;
const MAX_WORDS_OF_PHRASE = 9;
/** Emojis that mean no more than hello and thank you. */
const FRIENDLY = /[🙂😊😀😃😄🙏👍👋🌷🌹💐✅📅]/gu;
const PICTURE = /\p{Extended_Pictographic}|\p{Regional_Indicator}/u;
/** "At 10", "10 am", "5 pm", "الساعة 5", "10 बजे". */
const CLOCK = /(\p{Nd}{1,2}):(\p{Nd}{2})/gu;
const NUMBER = /^\d{1,2}(?:·\d{2})?(?:am|pm|st|nd|rd|th)?$/;
const BEFORE_A_TIME = new Set(expanded(['(at|on|الساعة|الساعه|يوم|saa3a)']));
const AFTER_A_TIME = new Set(
  expanded([
    '(am|pm|oclock|minutes late|mins late|minutes|mins|बजे|baje|january|february|march|april|may|june|july|august|september|october|november|december|तारीख|صباحا|مساء|الصبح)',
  ]),
);

type Role = keyof Vocabulary;
const ROLES: readonly Role[] = ['fillers', 'greetings', 'requests'];

const PHRASES = new Map<string, Role>();
for (const { role, phrase } of ROLES.flatMap((role) =>
  [ENGLISH, ARABIC, HINDI].flatMap((vocabulary) => expanded(vocabulary[role]).map((phrase) => ({ role, phrase }))),
)) {
  PHRASES.set(phrase, role);
}

/** The kinds of the words up to a position, if all of them are known. */
interface Reached {
  request: boolean;
  onlyGreetings: boolean;
}

/**
 * Whether a message is certainly administrative: a booking, a cancellation, hours, prices, the address, parking,
 * insurance, documents, a greeting or thanks, and nothing else. Each word must be accounted for; one that is unknown
 * makes the message one about health.
 */
export function isAdministrative(message: string): boolean {
  const text = message.replace(FRIENDLY, ' ').replace(CLOCK, '$1.$2');
  if (text.length > MAX_CHARACTERS || PICTURE.test(text)) return false;
  const words = fold(text, false)
    .split(' ')
    .filter((word) => word !== '' && word !== '|');
  if (words.length === 0 || words.length > MAX_WORDS) return false;
  const reached: Reached[][] = [[{ request: false, onlyGreetings: true }], ...words.map(() => [])];
  words.forEach((_, at) => {
    for (const state of reached[at] ?? []) {
      for (const { length, role } of phrasesAt(words, at)) add(reached[at + length] ?? [], after(state, role));
    }
  });
  return (reached[words.length] ?? []).some(({ request, onlyGreetings }) => request || onlyGreetings);
}

function* phrasesAt(words: readonly string[], at: number): Generator<{ length: number; role: Role }> {
  if (isTime(words, at)) {
    yield { length: 1, role: 'fillers' };
    if (AFTER_A_TIME.has(words[at + 1] ?? '')) yield { length: 2, role: 'fillers' };
  }
  for (let length = 1; length <= Math.min(MAX_WORDS_OF_PHRASE, words.length - at); length += 1) {
    const phrase = words.slice(at, at + length).join(' ');
    const role = PHRASES.get(phrase) ?? PHRASES.get(phrase.replace(/^[وف](?=\p{Script=Arabic}{3})/u, ''));
    if (role) yield { length, role };
  }
}

const isTime = (words: readonly string[], at: number): boolean =>
  NUMBER.test(words[at] ?? '') &&
  (/[a-z]$/.test(words[at] ?? '') || BEFORE_A_TIME.has(words[at - 1] ?? '') || AFTER_A_TIME.has(words[at + 1] ?? ''));

const after = (state: Reached, role: Role): Reached => ({
  request: state.request || role === 'requests',
  onlyGreetings: state.onlyGreetings && role === 'greetings',
});

function add(states: Reached[], state: Reached): void {
  const known = states.some(
    ({ request, onlyGreetings }) => request === state.request && onlyGreetings === state.onlyGreetings,
  );
  if (!known) states.push(state);
}
