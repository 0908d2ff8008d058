/** What is taken out of a text before it leaves, and how often. */
export type RedactionCounts = Partial<Record<Kind, number>>;

type Kind = 'email' | 'link' | 'id' | 'card' | 'date' | 'phone' | 'number' | 'name' | 'address' | 'secret';

export interface Redacted {
  text: string;
  counts: RedactionCounts;
}

/** What is known of the person who writes: never leaves, however it is spelled. */
export interface OwnData {
  names: readonly string[];
  /** Address, record numbers and the like: taken out where they stand word for word. */
  phrases: readonly string[];
}

const MONTH =
  '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*|يناير|فبراير|مارس|[أا]بريل|مايو|يونيو|يوليو|[أا]غسطس|سبتمبر|[أا]كتوبر|نوفمبر|ديسمبر|' +
  'जनवरी|फ़?रवरी|फरवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर|सितम्बर|अक्टूबर|नवंबर|नवम्बर|दिसंबर|दिसम्बर';
const APART = '[\\s.\\-/()]{0,2}';

/** Before the own name, which may be a part of them. */
const ADDRESSES: readonly [Kind, RegExp][] = [
  [
    'email',
    /[\p{L}\p{M}\p{N}._%+-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\p{L}\p{M}\p{N}-]{1,63}(?:\.[\p{L}\p{M}\p{N}-]{1,63}){1,5}/giu,
  ],
  ['link', /\bhttps?:\/\/\S+|\bwww\.\S+/giu],
];

/** In this order: what is longer and surer comes first. Digits are ASCII by then. */
const RULES: readonly [Kind, RegExp][] = [
  ['id', /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/giu],
  // Tokens, keys, one-time secrets: long, and letters together with digits; or long and in capitals only.
  ['secret', /(?<![\w.~+/=-])(?=[\w.~+/=-]*\d)(?=[\w.~+/=-]*[A-Za-z])[\w.~+/=-]{20,}/gu],
  ['secret', /\b[A-Z2-7]{16,}\b/gu],
  [
    'secret',
    /(?<=\b(?:password|passcode|pin|otp|cvv|पासवर्ड|كلمة السر|كلمة المرور)\s{0,2}(?:is|:|=|هي|है)?\s{0,2})\S{3,}/giu,
  ],
  [
    'id',
    /(?<=\b(?:MRN|UHID|CR|file|record|patient)\s{0,2}(?:no\.?|number|id|#|:)?\s{0,2}(?:is\s)?[#:]?\s?)(?=[\w-]*\d)[\w-]{3,}/giu,
  ],
  // India: PAN, passport and voter's card; two letters and digits of other passports.
  ['id', /\b[A-Z]{5}\d{4}[A-Z]\b|\b[A-Z]{1,3}[- ]?\d{6,9}\b/giu],
  [
    'date',
    new RegExp(
      `\\b(?:19|20)\\d{2}[-/.]\\d{1,2}[-/.]\\d{1,2}\\b|\\b\\d{1,2}[-/.]\\d{1,2}[-/.](?:19|20)?\\d{2}\\b`,
      'gu',
    ),
  ],
  [
    'date',
    new RegExp(`(?<!\\d)\\d{1,2}(?:st|nd|rd|th)?\\s*(?:of\\s+)?(?:${MONTH})[\\s,]*(?:19|20)\\d{2}(?!\\d)`, 'giu'),
  ],
  ['date', new RegExp(`(?:${MONTH})\\s+\\d{1,2}(?:st|nd|rd|th)?[\\s,]+(?:19|20)\\d{2}(?!\\d)`, 'giu')],
  ['date', /(?<!\d)(?:19|20)\d{2}(?!\d)(?<=(?:born|dob|birth\w{0,5}|مواليد|ولدت|जन्म)[^\d\n]{0,20}\d{4})/giu],
  ['card', new RegExp(`(?<!\\d)\\d(?:[ -]?\\d){12,18}(?!\\d)`, 'gu')],
  ['phone', new RegExp(`(?<![\\d\\w])(?:\\+|00)\\d(?:${APART}\\d){6,14}(?!\\d)`, 'gu')],
  ['phone', new RegExp(`(?<![\\d\\w])0\\d(?:${APART}\\d){6,11}(?!\\d)`, 'gu')],
  // Aadhaar (12), Emirates ID, mobile numbers of India (10), accounts: seven digits are nobody's blood pressure.
  ['number', new RegExp(`(?<!\\d)\\d(?:${APART}\\d){6,}(?!\\d)`, 'gu')],
  [
    'name',
    /(?<=\b(?:my name is|i am called|mera naam|naam hai|Mr\.?|Mrs\.?|Ms\.?)\s)\p{L}[\p{L}'-]+(?:\s\p{Lu}[\p{L}'-]+){0,3}/giu,
  ],
  ['name', /(?<=(?:اسمي|إسمي|انا اسمي|اسم المريض)\s)\p{L}+(?:\s\p{L}+)?/gu],
  ['name', /(?<=(?:मेरा नाम|नाम)\s)[\p{L}\p{M}]+(?:\s[\p{L}\p{M}]+)?(?=\sहै|$)/gu],
];

/** Arabic, Persian, Devanagari and full-width digits as ASCII ones; marks that nobody sees go. */
const withPlainDigits = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[\u200B-\u200F\u202A-\u202E\u2060-\u2069\u00AD\uFEFF]/gu, (mark) => (mark === '\u200D' ? mark : ''))
    .replace(/\p{Nd}/gu, (digit) => String(digitValue(digit)));

/** Digits of every script stand in Unicode in runs of ten that begin with the zero. */
function digitValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return code - zero;
}

const SHORTEST_NAME = 2;
const SHORTEST_PHRASE = 4;
const WORD = /[\p{L}\p{M}\p{N}]+/gu;

interface Word {
  text: string;
  start: number;
  end: number;
}

const wordsOf = (text: string): Word[] =>
  [...text.matchAll(WORD)].map(({ 0: word, index }) => ({
    text: word.toLowerCase(),
    start: index,
    end: index + word.length,
  }));

/** The person's own data as words. Compared word by word: a pattern per person would have to be compiled each time. */
function ownPhrases({ names, phrases }: OwnData): [Kind, string[]][] {
  const of = (kind: Kind, shortest: number, texts: readonly string[]): [Kind, string[]][] =>
    texts
      .filter((text) => text.trim().length >= shortest)
      .map((text) => [kind, wordsOf(withPlainDigits(text)).map((word) => word.text)]);
  return [...of('address', SHORTEST_PHRASE, phrases), ...of('name', SHORTEST_NAME, names)];
}

const startsAt = (words: readonly Word[], at: number, phrase: readonly string[]): boolean =>
  phrase.length > 0 && phrase.every((text, n) => words[at + n]?.text === text);

/** Takes out what names or reaches a person. What a person tells of others by name only is not known to be a name. */
export class Redactor {
  private readonly own: [Kind, string[]][];

  constructor(own: OwnData) {
    this.own = ownPhrases(own);
  }

  redact(text: string): Redacted {
    const counts: RedactionCounts = {};
    const take = (kind: Kind): string => {
      counts[kind] = (counts[kind] ?? 0) + 1;
      return `[${kind}]`;
    };
    const by = (rules: typeof RULES, from: string): string =>
      rules.reduce((redacted, [kind, pattern]) => redacted.replace(pattern, () => take(kind)), from);
    return { text: by(RULES, this.withoutOwn(by(ADDRESSES, withPlainDigits(text)), take)), counts };
  }

  private withoutOwn(text: string, take: (kind: Kind) => string): string {
    const words = wordsOf(text);
    let redacted = '';
    let done = 0;
    for (let at = 0; at < words.length; at += 1) {
      const found = this.own.find(([, phrase]) => startsAt(words, at, phrase));
      if (!found) continue;
      const last = words[at + found[1].length - 1];
      redacted += text.slice(done, words[at]?.start) + take(found[0]);
      done = last?.end ?? text.length;
      at += found[1].length - 1;
    }
    return redacted + text.slice(done);
  }
}

export function addCounts(...all: RedactionCounts[]): RedactionCounts {
  const sum: RedactionCounts = {};
  for (const counts of all) {
    for (const [kind, count] of Object.entries(counts) as [Kind, number][]) sum[kind] = (sum[kind] ?? 0) + count;
  }
  return sum;
}

export const totalOf = (counts: RedactionCounts): number => Object.values(counts).reduce((sum, n) => sum + n, 0);
