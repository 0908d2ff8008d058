/** Words of the English rules that a frightened hand misspells; long enough that one letter off is no other word. */
const WORDS = (
  'breathe breathing breath seizure unconscious bleeding suicide suicidal overdose swallowed pregnant pregnancy numbness ' +
  'weakness drooping paralysed collapsed fainted choking poison convulsing vomiting swelling swollen tongue throat ' +
  'headache speech slurred sudden suddenly pressure tightness pills tablets pesticide allergic unresponsive confused'
).split(' ');
const BY_LENGTH = new Map<number, string[]>();
for (const word of WORDS) BY_LENGTH.set(word.length, [...(BY_LENGTH.get(word.length) ?? []), word]);
const KNOWN = new Set([...WORDS, 'beading', 'breading', 'breeding', 'bleeping', 'poisson', 'swelled', 'throats']);
const SHORTEST = 6;
/** Shorter words are too near to others: these misspellings of them are no words. */
const SLIPS: Readonly<Record<string, string>> = {
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

/** Whether one letter is missing, too many, wrong, or changed places with its neighbour. */
function isOneOff(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  let start = 0;
  while (start < short.length && short[start] === long[start]) start += 1;
  const rest = (text: string, from: number): string => text.slice(from);
  if (long.length > short.length) return rest(long, start + 1) === rest(short, start);
  const swapped = short[start] === long[start + 1] && short[start + 1] === long[start];
  return (
    rest(long, start + 1) === rest(short, start + 1) || (swapped && rest(long, start + 2) === rest(short, start + 2))
  );
}

function corrected(word: string): string {
  const slip = Object.hasOwn(SLIPS, word) ? SLIPS[word] : undefined;
  if (slip) return slip;
  if (word.length < SHORTEST || KNOWN.has(word)) return word;
  for (const length of [word.length, word.length - 1, word.length + 1]) {
    const found = BY_LENGTH.get(length)?.find((known) => known[0] === word[0] && isOneOff(known, word));
    if (found) return found;
  }
  return word;
}

/** Puts slips of the finger right, in folded English. */
export const spelled = (folded: string): string => folded.replace(/[a-z]{4,}/g, corrected);
