import { plainText } from '../../../core/kernel/plain-text.js';

/** The scripts of names. Names in different scripts are not compared, because transliterations vary too much. */
const SCRIPTS = (
  'Latin Arabic Cyrillic Greek Hebrew Han Hiragana Hangul Devanagari Bengali Tamil Telugu Gujarati Gurmukhi Kannada ' +
  'Malayalam Sinhala Thai Lao Khmer Myanmar Armenian Georgian Ethiopic Tibetan Mongolian'
)
  .split(' ')
  .map((name) => ({ name, pattern: new RegExp(`^\\p{Script=${name}}`, 'u') }));

/** Scripts without spaces between family name and given name. */
const UNSPACED = new Set(['Han', 'Hiragana', 'Hangul', 'Thai', 'Lao', 'Khmer', 'Myanmar', 'Tibetan']);
/** Scripts whose marks are accents or optional vowel signs. In other scripts, marks are vowels. */
const WITHOUT_MARKS = new Set(['Latin', 'Arabic', 'Cyrillic', 'Greek', 'Hebrew']);

/** Articles, particles and titles, which do not distinguish people. */
const PARTICLES = new Set(
  (
    'al el ul ad ar as ash an abd abdel abdul abu abou bin ben ibn bint von van der den de da do dos di del della la le los las mac mc ' +
    'mr mrs ms miss dr prof sir herr frau mme mlle jr sr ii iii ' +
    'ال بن ابن بنت عبد ابو ابي ام د'
  ).split(' '),
);

/** Placeholders for unknown or removed names. */
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
 * Whether two names have at least one part in common, in a script that both use. Order, titles and spelling vary too much to
 * compare more.
 * @returns null if they have no script in common, or one of them contains no name
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

/** The parts of a name by script, without placeholders and undecodable parts. */
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

/** The possible spellings of the parts of a name. Names with a common spelling agree. */
function getKeys(parts: readonly string[], script: string): Set<string> {
  const isDistinctive = (part: string): boolean =>
    !PARTICLES.has(part) && ([...part].length > 1 || UNSPACED.has(script));
  // A name may consist only of particles, such as "El".
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
 * Normalizes spellings of the same sound in Latin letters, for German, Nordic, Turkish and transliterated Arabic names: Mueller and
 * Müller, Mohamed and Muhammad, Gamal and Jamal, Youssef and Yousef.
 */
function getSpellings(part: string): string[] {
  if (part.length < 4) return [part.replace(/(?<=[aou])e/g, '').replaceAll('y', 'i')];
  const normalized = part
    .replace(/ck|q|c(?!h)/g, 'k')
    .replace(/ph/g, 'f')
    .replace(/ch|sch/g, 'sh')
    .replace(/j|dj/g, 'g')
    .replace(/w/g, 'v')
    .replace(/(.)\1+/g, '$1');
  const runs = normalized.split(/([aeiouy]+)/);
  let spellings = [''];
  for (const [index, run] of runs.entries()) {
    const choices = index % 2 === 0 ? [run] : getVowels(run);
    spellings = spellings.flatMap((spelling) => choices.map((choice) => spelling + choice)).slice(0, MAX_SPELLINGS);
  }
  return spellings;
}

const MAX_SPELLINGS = 32;

/** Reduces vowels to those that transliterations distinguish. `e` may stand for `a` or `i`. */
function getVowels(run: string): string[] {
  if (/[ou]/.test(run)) return ['u'];
  if (run === 'e') return ['a', 'i'];
  if (run === 'a' || run === 'ae') return ['a'];
  return ['i'];
}
