/** Words that mean yes. A valid request contains booleans: words are only read so that a wrong type does not hide a symptom. */
const YES_WORDS = [
  // English, and values of forms
  'yes y true t on yeah yea yep yup present positive pos checked selected affirmative ja oui si sim da да evet',
  // Degrees and descriptions of a symptom, which mean yes
  'mild moderate severe sudden strong weak some slight slightly little bit left right both worse drooping droops drooped ' +
    'droop droopy slurred slurring garbled numb numbness tingling weakness limp paralysed paralyzed blurred blurry blind ' +
    'double dizzy unsteady crooked uneven asymmetric asymmetrical abnormal impaired',
  // Arabic (folded: no hamza, no marks)
  'نعم ايوه ايوة ايوا ايه اه اجل بلى بلي صح صحيح موجود اكيد طبعا فعلا حصل ہاں',
  // Arabic in Latin letters
  'na3am na3m n3m naam aywa aiwa aywah aiwah eywa ayoa aywaa ah akeed akid tab3an',
  // Hindi (folded: candrabindu as anusvara, no nukta)
  'हां हा हाम जी सही सच बिल्कुल है हुआ',
  // Hindi in Latin letters
  'haan han haa ha hanji haanji ji sahi hai bilkul bilkool',
];
const NO_WORDS = [
  'no n false f off not none never nope nah absent negative neg normal nil non nein nao net нет hayir without unchecked',
  'لا لأ لاء كلا مفيش خطا غير ليس ليست مش مو',
  'la laa mafeesh mesh mish',
  'नहीं नही नाही ना न मत गलत',
  'نہیں',
  'nahi nahin nahee na',
];
/** Polite words before or after an answer, or "is": "ji nahi" is a no. Those in YES_WORDS are a yes if they stand alone. */
const POLITE_WORDS = ['ji', 'जी', 'जि', 'hai', 'है', 'ha', 'हा', 'ah', 'اه', 'sir', 'madam'];
/** Words before an answer: "I think yes", "probably yes". */
const OPENING_WORDS = [
  'i',
  'we',
  'think',
  'guess',
  'believe',
  'probably',
  'maybe',
  'oh',
  'well',
  'it',
  'is',
  'was',
  'very',
];

const foldAll = (lists: readonly string[]): ReadonlySet<string> =>
  new Set(lists.flatMap((list) => list.split(' ').map(foldWord)));

/** Latin accents, Arabic vowel signs and tatweel, the Hindi nukta, and invisible characters. */
const MARKS = /[\u0300-\u036f]|[\u064b-\u065f]|[\u0670\u0640]|\u093c|\p{Default_Ignorable_Code_Point}/gu;

/** Normalises letters and digits: width and case, accents, Arabic marks and hamza carriers, Hindi nukta, all digits. */
export function foldWord(text: string): string {
  return text
    .normalize('NFKC')
    .normalize('NFD')
    .replace(MARKS, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/(\p{L})\1{2,}/gu, '$1')
    .replace(/٫/g, '.')
    .replace(/[أإآٱ]/g, 'ا')
    .replace(/ى/g, 'ي')
    .replace(/ة/g, 'ه')
    .replace(/ँ/g, 'ं')
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .replace(/[०-९]/g, (digit) => String(digit.charCodeAt(0) - 0x966));
}

const YES = foldAll(YES_WORDS);
const NO = foldAll(NO_WORDS);
const POLITE = foldAll(POLITE_WORDS);
const OPENING = foldAll(OPENING_WORDS);
/** Marks that mean yes. ☒ is a box that is checked with a cross. */
export const CHECK_MARKS = '✓✔✅☑☒👍';
const CHECK_MARK = new RegExp(`[${CHECK_MARKS}]`, 'u');
/** Words of unknown answers, such as "not sure", "not asked" and "no idea", which are not a no. The "a" is of "n/a". */
const UNKNOWN = foldAll(['sure know known idea clue certain asked answered tested assessed applicable a yet']);
/** A longer text that begins with a no may describe a symptom, such as "no strength in the arm". */
const MAX_NO_WORDS = 3;

/** The words of a text, folded; a decimal number stays one word. */
export const toFoldedWords = (text: string): string[] =>
  foldWord(text).match(/[+-]?\d+(?:[.,]\d+)?|[\p{L}\p{M}\p{N}]+/gu) ?? [];

const asNumber = (word: string): number =>
  /^[+-]?(?:\d+(?:[.,]\d+)?|\.\d+)$/.test(word) ? Number(word.replace(',', '.')) : NaN;

/** Whether a value means yes: "yes", "Yes, since an hour", "TRUE", 1, "1", "نعم", "हाँ", a check mark, any number above zero. */
export function isYes(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value > 0;
  if (typeof value !== 'string') return false;
  if (CHECK_MARK.test(value)) return true;
  return isYesWord(withoutOpening(toFoldedWords(value))[0]);
}

const isYesWord = (word: string | undefined): boolean => word !== undefined && (YES.has(word) || asNumber(word) > 0);
const isNoWord = (word: string | undefined): boolean => word !== undefined && (NO.has(word) || asNumber(word) === 0);

export const isPolite = (word: string): boolean => POLITE.has(word);

/** The words without the opening words, and without a polite word before a no. */
function withoutOpening(words: readonly string[]): readonly string[] {
  const start = words.findIndex((word) => !OPENING.has(word));
  const answer = words.slice(Math.max(0, start));
  const [first = '', second] = answer;
  return POLITE.has(first) && isNoWord(second) ? answer.slice(1) : answer;
}

/** Whether a value means no: "no", "No.", FALSE, 0, "لا", "जी नहीं". A long text and an unknown answer, such as "not sure", do not. */
export function isNo(value: unknown): boolean {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value === 0;
  if (typeof value !== 'string' || CHECK_MARK.test(value)) return false;
  const words = withoutOpening(toFoldedWords(value));
  if (words.length > MAX_NO_WORDS) return false;
  return isNoWord(words[0]) && !words.some((each) => UNKNOWN.has(each));
}

/** true for yes, false for no, otherwise undefined. */
export const yesOrNo = (value: unknown): boolean | undefined => (isYes(value) ? true : isNo(value) ? false : undefined);

/** Converts a number or a text to a number; NaN otherwise. */
export function numberIn(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return NaN;
  const words = toFoldedWords(value);
  return words.length === 1 ? asNumber(words[0] as string) : NaN;
}
