const SEQUENCES = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'azertyuiop',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  '!@#$%^&*()',
].flatMap((text) => [text, [...text].reverse().join('')]);

const WORDS =
  /^(?:password|passwort|passwd|secret|token|jwt|key|sign(?:ing|ature)?|access|refresh|auth|admin|root|user|login|metrics|monitor(?:ing)?|prometheus|grafana|production|prod|staging|development|test|local|default|example|sample|change|please|super|very|long|strong|secure|private|public|random|string|value|here|your|this|that|the|and|for|with|not|only|must|set|insert|replace|todo|foo|bar|baz|lorem|ipsum|hospital|clinic|health|medical|doctor|patient|booking|appointment|backend|server|system|service|app|api|careslot|neuroaid|postgres|redis|node|nest|welcome|hello|world|qwerty|letmein|company|(?:19|20)\d\d)/;

const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

/** Bits of a pattern that an attacker guesses as a whole: a common word, a sequence, a repetition. */
const PATTERN_BITS = 6;
/** Bits of a letter in a word of a natural language. Shannon's estimate for English is 1 to 1.5. */
const WORD_LETTER_BITS = 2;
/** The minimum length of each kind of pattern. */
const MIN_REPETITION = 3;
const MIN_SEQUENCE = 4;
const MIN_STEPS = 5;

/**
 * Estimates the entropy of a secret in bits, as a lower bound. Repetitions, sequences, rows of a keyboard, interleaved sequences
 * and words add few bits. Every other character counts as random in its alphabet.
 */
export function estimateBits(secret: string): number {
  const randomCharacterBits = Math.log2(alphabetSize(secret));
  const wordLetters = findWordLetters(secret);
  let bits = 0;
  let at = 0;
  while (at < secret.length) {
    const isRepeatedSeparator = /[^A-Za-z0-9]/.test(secret.charAt(at)) && secret.indexOf(secret.charAt(at)) < at;
    const characterBits = isRepeatedSeparator ? 1 : wordLetters.has(at) ? WORD_LETTER_BITS : randomCharacterBits;
    const length = patternLength(secret, at);
    bits += length > 0 ? Math.min(PATTERN_BITS, length * characterBits) : characterBits;
    at += Math.max(length, 1);
  }
  return Math.round(bits);
}

/** The length of the longest pattern that starts at a position; 0 if there is none. */
function patternLength(secret: string, at: number): number {
  const lower = secret.toLowerCase();
  const withoutLeet = [...lower].map((character) => LEET[character] ?? character).join('');
  return Math.max(
    repetitionLength(secret, at),
    sequenceLength(lower, at),
    stepsLength(secret, at),
    wordLength(lower, at),
    wordLength(withoutLeet, at),
  );
}

function alphabetSize(text: string): number {
  if (/^[0-9a-f-]+$/.test(text) || /^[0-9A-F-]+$/.test(text)) return 16;
  const classes: [RegExp, number][] = [
    [/[a-z]/, 26],
    [/[A-Z]/, 26],
    [/[0-9]/, 10],
    [/[^a-zA-Z0-9]/, 8],
  ];
  return classes.reduce((size, [pattern, count]) => size + (pattern.test(text) ? count : 0), 0);
}

/** The number of characters, starting at a position, that also occur earlier in the text. */
function repetitionLength(text: string, at: number): number {
  let length = 0;
  while (at + length < text.length && text.slice(0, at + length).includes(text.slice(at, at + length + 1))) length += 1;
  return length >= MIN_REPETITION ? length : 0;
}

/** The number of characters that are a part of one of SEQUENCES. */
function sequenceLength(text: string, at: number): number {
  let longest = 0;
  for (const known of SEQUENCES) {
    const start = known.indexOf(text.charAt(at));
    let length = 0;
    while (start >= 0 && start + length < known.length && known[start + length] === text[at + length]) length += 1;
    longest = Math.max(longest, length);
  }
  return longest >= MIN_SEQUENCE ? longest : 0;
}

/** The number of characters whose next or next but one character is the same or a neighbour: `001122`, `a1b2c3`. */
function stepsLength(text: string, at: number): number {
  const lengthWith = (distance: number): number => {
    let length = 0;
    while (isStep(text.charCodeAt(at + length), text.charCodeAt(at + length + distance))) length += 1;
    return length;
  };
  const longest = Math.max(lengthWith(1), lengthWith(2));
  return longest >= MIN_STEPS ? longest : 0;
}

const isStep = (from: number, to: number): boolean => Math.abs(to - from) <= 1;

const wordLength = (text: string, at: number): number => WORDS.exec(text.slice(at))?.[0].length ?? 0;

/** Natural text has larger shares of letters and vowels than random characters. */
const MIN_LETTER_SHARE = 0.62;
const MIN_VOWEL_SHARE = 0.28;

/**
 * The positions of letters that look like words: all letters if the whole secret looks like text; otherwise only those of five or
 * more letters in one case or with a capital first letter.
 */
function findWordLetters(text: string): Set<number> {
  const positions = new Set<number>();
  const letters = text.replace(/[^A-Za-z]/g, '');
  const vowels = letters.replace(/[^aeiou]/gi, '');
  const isText =
    letters.length > text.length * MIN_LETTER_SHARE &&
    vowels.length > letters.length * MIN_VOWEL_SHARE &&
    !/[A-Z]{2}/.test(text);
  const words = isText ? /[A-Za-z]+/g : /[A-Za-z][a-z]{4,}|[A-Z]{5,}/g;
  for (const { 0: found, index } of text.matchAll(words)) {
    for (let at = index; at < index + found.length; at += 1) positions.add(at);
  }
  return positions;
}
