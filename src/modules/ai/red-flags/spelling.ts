/** Words of the English rules that are often misspelled. They are long enough that one wrong letter makes no other word. */
const LONG_WORDS = (
  'breathe breathing breath seizure unconscious bleeding suicide suicidal overdose swallowed pregnant pregnancy numbness ' +
  'weakness drooping paralysed collapsed fainted choking poison convulsing vomiting swelling swollen tongue throat ' +
  'headache speech slurred sudden suddenly pressure tightness pills tablets pesticide allergic unresponsive confused'
).split(' ');
const LONG_WORDS_BY_LENGTH = new Map<number, string[]>();
for (const word of LONG_WORDS)
  LONG_WORDS_BY_LENGTH.set(word.length, [...(LONG_WORDS_BY_LENGTH.get(word.length) ?? []), word]);
/** Correct words, which must not be changed. */
const CORRECT_WORDS = new Set([
  ...LONG_WORDS,
  'beading',
  'breading',
  'breeding',
  'bleeping',
  'poisson',
  'swelled',
  'throats',
]);
const MIN_LETTERS = 6;
/** Misspellings of short words. Only these: other short words are too similar to each other. */
const MISSPELLINGS: Readonly<Record<string, string>> = {
  chst: 'chest',
  cheast: 'chest',
  chets: 'chest',
  chesst: 'chest',
  payn: 'pain',
  atack: 'attack',
  attac: 'attack',
  atak: 'attack',
  attak: 'attack',
  hart: 'heart',
  haert: 'heart',
  breth: 'breath',
  stoke: 'stroke',
  strock: 'stroke',
};

/** Whether the words differ in one edit: a letter is missing, added or wrong, or two neighbouring letters are swapped. */
function isOneEditApart(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  let start = 0;
  while (start < short.length && short[start] === long[start]) start += 1;
  if (long.length > short.length) return long.slice(start + 1) === short.slice(start);
  const isSwapped = short[start] === long[start + 1] && short[start + 1] === long[start];
  return (
    long.slice(start + 1) === short.slice(start + 1) || (isSwapped && long.slice(start + 2) === short.slice(start + 2))
  );
}

function correctWord(word: string): string {
  const correction = Object.hasOwn(MISSPELLINGS, word) ? MISSPELLINGS[word] : undefined;
  if (correction) return correction;
  if (word.length < MIN_LETTERS || CORRECT_WORDS.has(word)) return word;
  for (const length of [word.length, word.length - 1, word.length + 1]) {
    const candidates = LONG_WORDS_BY_LENGTH.get(length);
    const found = candidates?.find((candidate) => candidate[0] === word[0] && isOneEditApart(candidate, word));
    if (found) return found;
  }
  return word;
}

/** Corrects typing errors in normalized English. */
export const correctSpelling = (normalized: string): string => normalized.replace(/[a-z]{4,}/g, correctWord);
