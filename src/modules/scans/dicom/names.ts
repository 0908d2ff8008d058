import { plainText } from '../../../core/kernel/plain-text.js';

/** Scripts of names. Names in two of them are not compared: transliteration decides too much. */
const SCRIPTS = [
  ...['Latin', 'Arabic', 'Cyrillic', 'Greek', 'Hebrew', 'Han', 'Hiragana', 'Hangul', 'Devanagari', 'Bengali', 'Tamil'],
  ...['Telugu', 'Gujarati', 'Gurmukhi', 'Kannada', 'Malayalam', 'Sinhala', 'Thai', 'Lao', 'Khmer', 'Myanmar'],
  ...['Armenian', 'Georgian', 'Ethiopic', 'Tibetan', 'Mongolian'],
].map((name) => ({ name, pattern: new RegExp(`^\\p{Script=${name}}`, 'u') }));

/** Written without blanks between family and given name. */
const UNSPACED = new Set(['Han', 'Hiragana', 'Hangul', 'Thai', 'Lao', 'Khmer', 'Myanmar', 'Tibetan']);
/** Scripts in which marks are accents or vowel signs that most writers leave out. In others they are vowels. */
const WITHOUT_MARKS = new Set(['Latin', 'Arabic', 'Cyrillic', 'Greek', 'Hebrew']);

/** Articles, particles and titles, which many people share. */
const PARTICLES = new Set(
  (
    'al el ul ad ar as ash an abd abdel abdul abu abou bin ben ibn bint von van der den de da do dos di del della la le los las mac mc ' +
    'mr mrs ms miss dr prof sir herr frau mme mlle jr sr ii iii ' +
    'ال بن ابن بنت عبد ابو ابي ام د'
  ).split(' '),
);

/** What is written where a name is not known, or has been taken out. */
const NO_NAME = /^(anon|anonym\p{L}*|unknown|unnamed|noname|deidentified|removed|patient|xx+)$/u;

const LATIN_LETTERS: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ħ: 'h',
  ı: 'i',
  ŋ: 'n',
  ə: 'a',
};
const ARABIC_LETTERS: Record<string, string> = {
  ٱ: 'ا',
  ى: 'ي',
  ی: 'ي',
  ې: 'ي',
  ے: 'ي',
  ک: 'ك',
  گ: 'ك',
  ة: 'ه',
  ۀ: 'ه',
  ہ: 'ه',
  ھ: 'ه',
  ە: 'ه',
  ء: '',
  ـ: '',
};

/**
 * Whether names agree: one part of them does, in a script that both are written in. Order, titles and spelling vary too
 * much for more.
 * @returns null where no script is common to both, or one of them has no name
 */
export function namesAgree(one: string, other: string): boolean | null {
  const mine = groupByScript(one);
  const theirs = groupByScript(other);
  const common = [...mine.keys()].filter((script) => theirs.has(script));
  if (common.length === 0) return null;
  return common.some((script) => {
    const keys = getKeys(theirs.get(script) ?? [], script);
    return [...getKeys(mine.get(script) ?? [], script)].some((key) => keys.has(key));
  });
}

/** The parts of a name by the script that they are written in, without placeholders and lost characters. */
function groupByScript(name: string): Map<string, string[]> {
  const scripts = new Map<string, string[]>();
  const parts = plainText(name)
    .toLowerCase()
    .split(/[^\p{L}\p{M}'’\uFFFD?]+/u);
  for (const part of parts) {
    const text = part.replace(/['’]/g, '');
    if (text === '' || /[\uFFFD?]/u.test(text)) continue;
    const script = getScript(text);
    const folded = script && fold(text, script);
    if (!folded || NO_NAME.test(folded)) continue;
    scripts.set(script, [...(scripts.get(script) ?? []), folded]);
  }
  return scripts;
}

function getScript(text: string): string | null {
  if (/^\p{Script=Katakana}/u.test(text)) return 'Hiragana';
  return SCRIPTS.find(({ pattern }) => pattern.test(text))?.name ?? null;
}

function fold(text: string, script: string): string {
  const letters = script === 'Latin' ? LATIN_LETTERS : script === 'Arabic' ? ARABIC_LETTERS : {};
  const plain = WITHOUT_MARKS.has(script) ? text.normalize('NFKD').replace(/\p{M}/gu, '') : text.normalize('NFC');
  const folded = [...plain].map((letter) => letters[letter] ?? letter).join('');
  if (script === 'Hiragana') return folded.replace(/[ァ-ヶ]/g, toHiragana);
  return script === 'Greek' ? folded.replaceAll('ς', 'σ') : folded;
}

const toHiragana = (letter: string): string => String.fromCodePoint((letter.codePointAt(0) ?? 0) - 0x60);

/** All that parts of a name may be written as; names of which one of these is equal agree. */
function getKeys(parts: readonly string[], script: string): Set<string> {
  const isDistinctive = (part: string): boolean =>
    !PARTICLES.has(part) && ([...part].length > 1 || UNSPACED.has(script));
  // A name of nothing but particles, like "El", is one all the same.
  const distinctive = parts.some(isDistinctive) ? parts.filter(isDistinctive) : parts;
  const joined = [2, 3].flatMap((count) =>
    parts
      .map((_, index) => parts.slice(index, index + count))
      .filter((some) => some.length === count && some.some(isDistinctive))
      .map((some) => some.join('')),
  );
  const whole = UNSPACED.has(script) ? [parts.join(''), [...parts].reverse().join('')] : [];
  const all = [...distinctive, ...joined, ...whole];
  if (script === 'Arabic') return new Set(all.flatMap((part) => [part, part.replace(/^ال(?=.{3})/u, '')]));
  if (script !== 'Latin') return new Set(all);
  return new Set(
    all.flatMap((part) => [part, part.replace(/^[ae]l(?=.{4})/u, '')]).flatMap((part) => [part, ...getSpellings(part)]),
  );
}

/**
 * Spellings of one sound in Latin letters, as German (`ue` for `ü`), Nordic and Turkish names and those transliterated
 * from Arabic have them: Mueller and Müller, Mohamed and Muhammad, Gamal and Jamal, Youssef and Yousef.
 */
function getSpellings(part: string): string[] {
  if (part.length < 4) return [part.replace(/(?<=[aou])e/g, '').replaceAll('y', 'i')];
  const consonants = part
    .replace(/ck|q|c(?!h)/g, 'k')
    .replace(/ph/g, 'f')
    .replace(/ch|sch/g, 'sh')
    .replace(/j|dj/g, 'g')
    .replace(/w/g, 'v')
    .replace(/(.)\1+/g, '$1');
  const runs = consonants.split(/([aeiouy]+)/);
  let spellings = [''];
  for (const [index, run] of runs.entries()) {
    const choices = index % 2 === 0 ? [run] : getVowels(run);
    spellings = spellings.flatMap((spelling) => choices.map((choice) => spelling + choice)).slice(0, MAX_SPELLINGS);
  }
  return spellings;
}

const MAX_SPELLINGS = 32;

/** Vowels as the few that transliteration tells apart: `e` stands for `a` and for `i`. */
function getVowels(run: string): string[] {
  if (/[ou]/.test(run)) return ['u'];
  if (run === 'e') return ['a', 'i'];
  if (run === 'a' || run === 'ae') return ['a'];
  return ['i'];
}
