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

/** Bits for a part that a guesser tries as a whole: a word, a sequence, a repetition. */
const PATTERN_BITS = 6;
/** Bits for a letter inside a word of some language; Shannon's estimate for English is 1 to 1.5. */
const WORD_LETTER_BITS = 2;
const SHORTEST_PATTERN = 3;

/**
 * Estimates how many bits a guesser would have to search, as a lower bound: repetitions, sequences, rows of a keyboard,
 * interleaved sequences and words count little; every other character counts as a random one of its alphabet.
 */
export function estimateBits(secret: string): number {
  const perCharacter = Math.log2(alphabetSize(secret));
  const lower = secret.toLowerCase();
  const plain = [...lower].map((character) => LEET[character] ?? character).join('');
  const inWord = lettersOfWords(secret);
  let bits = 0;
  for (let at = 0; at < secret.length;) {
    const pattern = Math.max(repetition(secret, at), sequence(lower, at), steps(secret, at), word(lower, plain, at));
    const isSeparator = /[^A-Za-z0-9]/.test(secret.charAt(at)) && secret.indexOf(secret.charAt(at)) < at;
    const each = isSeparator ? 1 : inWord.has(at) ? WORD_LETTER_BITS : perCharacter;
    bits += pattern > 0 ? Math.min(PATTERN_BITS, pattern * each) : each;
    at += pattern || 1;
  }
  return Math.round(bits);
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

/** Characters from `at` on that stand earlier in the text too. */
function repetition(text: string, at: number): number {
  let length = 0;
  while (at + length < text.length && text.slice(0, at + length).includes(text.slice(at, at + length + 1))) length += 1;
  return length >= SHORTEST_PATTERN ? length : 0;
}

function sequence(text: string, at: number): number {
  let longest = 0;
  for (const known of SEQUENCES) {
    const start = known.indexOf(text.charAt(at));
    let length = 0;
    while (start >= 0 && start + length < known.length && known[start + length] === text[at + length]) length += 1;
    longest = Math.max(longest, length);
  }
  return longest >= SHORTEST_PATTERN + 1 ? longest : 0;
}

/** Characters that each go on from the one, or the one but one, before it: `001122`, `a1b2c3`. */
function steps(text: string, at: number): number {
  const runOf = (stride: number): number => {
    let length = 0;
    while (isStep(text.charCodeAt(at + length), text.charCodeAt(at + length + stride))) length += 1;
    return length;
  };
  const longest = Math.max(runOf(1), runOf(2));
  return longest > SHORTEST_PATTERN + 1 ? longest : 0;
}

const isStep = (from: number, to: number): boolean => Math.abs(to - from) <= 1;

function word(lower: string, plain: string, at: number): number {
  return Math.max(...[lower, plain].map((text) => WORDS.exec(text.slice(at))?.[0].length ?? 0));
}

/** Words have more letters, and among them more vowels, than random characters; and capitals only where they begin. */
const LETTERS_OF_TEXT = 0.62;
const VOWELS_OF_LETTERS = 0.28;

/** The places of letters that are written as a word is: five or more in one case, or with a capital first. */
function lettersOfWords(text: string): Set<number> {
  const places = new Set<number>();
  const letters = text.replace(/[^A-Za-z]/g, '');
  const vowels = letters.replace(/[^aeiou]/gi, '');
  const isText =
    letters.length > text.length * LETTERS_OF_TEXT &&
    vowels.length > letters.length * VOWELS_OF_LETTERS &&
    !/[A-Z]{2}/.test(text);
  const words = isText ? /[A-Za-z]+/g : /[A-Za-z][a-z]{4,}|[A-Z]{5,}/g;
  for (const { 0: found, index } of text.matchAll(words)) {
    for (let at = index; at < index + found.length; at += 1) places.add(at);
  }
  return places;
}
