/**
 * Yes and no as people and forms write them: booleans, numbers, words of several languages, check marks. Used only where
 * a wrong type must not hide a symptom.
 */
const YES_WORDS = [
  // English and what forms send
  'yes y true t on yeah yea yep yup present positive pos checked selected affirmative ja oui si sim da да evet',
  // How much of it, which is a yes too
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
/** Said before or behind an answer to be polite, or "is": "ji nahi" is a no. Alone it is a yes. */
const POLITE_WORDS = ['ji', 'जी', 'जि', 'hai', 'है', 'ha', 'हा', 'ah', 'اه', 'sir', 'madam'];
/** Said before an answer: "I think yes", "probably yes". */
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

/** Latin accents, Arabic vowel signs and tatweel, the Hindi nukta, and what nobody sees. */
const MARKS = /[\u0300-\u036f]|[\u064b-\u065f]|[\u0670\u0640]|\u093c|\p{Default_Ignorable_Code_Point}/gu;

/** One spelling for each letter: width and case, accents, Arabic marks and hamza carriers, Hindi nukta, all digits. */
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
const CHECK_MARK = /✓|✔|✅|☑|☒|👍/u;
/** "Not sure", "not asked", "no idea": an answer that is not known is never a no. */
const UNKNOWN = foldAll(['sure know known idea clue certain asked answered tested assessed applicable a yet']);
const MAX_WORDS_OF_A_NO = 3;

/** The words of a text, folded; a decimal number stays one word. */
export const wordsOf = (text: string): string[] =>
  foldWord(text).match(/[+-]?\d+(?:[.,]\d+)?|[\p{L}\p{M}\p{N}]+/gu) ?? [];

const asNumber = (word: string): number =>
  /^[+-]?(?:\d+(?:[.,]\d+)?|\.\d+)$/.test(word) ? Number(word.replace(',', '.')) : NaN;

/** "yes", "Yes, since an hour", "TRUE", 1, "1", "نعم", "हाँ", a check mark. Any count above zero is a yes. */
export function isYes(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value > 0;
  if (typeof value !== 'string') return false;
  if (CHECK_MARK.test(value)) return true;
  return isYesWord(decisiveOf(wordsOf(value))[0]);
}

const isYesWord = (word: string | undefined): boolean => word !== undefined && (YES.has(word) || asNumber(word) > 0);
const isNoWord = (word: string | undefined): boolean => word !== undefined && (NO.has(word) || asNumber(word) === 0);

export const isPolite = (word: string): boolean => POLITE.has(word);

/** The words from the one on that decides. */
function decisiveOf(words: readonly string[]): readonly string[] {
  const opening = words.findIndex((word) => !OPENING.has(word));
  const from = words.slice(Math.max(0, opening));
  const [first = '', second] = from;
  return POLITE.has(first) && isNoWord(second) ? from.slice(1) : from;
}

export function isNo(value: unknown): boolean {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value === 0;
  if (typeof value !== 'string' || CHECK_MARK.test(value)) return false;
  const words = decisiveOf(wordsOf(value));
  if (words.length > MAX_WORDS_OF_A_NO) return false;
  return isNoWord(words[0]) && !words.some((each) => UNKNOWN.has(each));
}

/** True, false, or undefined where it is neither. */
export const yesOrNo = (value: unknown): boolean | undefined => (isYes(value) ? true : isNo(value) ? false : undefined);

/** The number that a number or a text is; NaN otherwise. */
export function numberIn(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return NaN;
  const words = wordsOf(value);
  return words.length === 1 ? asNumber(words[0] as string) : NaN;
}
