import { withPlainDigits } from '../../redaction/plain-digits.js';

/** The telephone numbers that a model may name. */
export interface AllowedContacts {
  phones: readonly string[];
}

const MIN_PHONE_DIGITS = 7;
const PHONE = /\+?\(?\d(?:[\s().-]{0,3}\d){6,}/g;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const SHORT_NUMBER =
  /(?:\b(?:call|dial|phone|ring|text|sms|whatsapp)\b|اتصل|رقم|कॉल|फ़ोन|फोन|नंबर)[^.\n]{0,30}?(?<![\d:])(\d{3,6})(?![\d:])/giu;
/** The placeholder of a link or an e-mail address, or a user name in a social network. */
const LINK = /\[…\]|[@＠][\p{L}\p{N}_.]{3,}/u;
const SPELLED_DIGIT =
  '(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|صفر|واحد|اثنان|اثنين|اتنين|ثلاثة|تلاتة|أربعة|اربعة|خمسة|ستة|سبعة|ثمانية|تمانية|تسعة|शून्य|एक|दो|तीन|चार|पाँच|पांच|छह|सात|आठ|नौ|\\p{Nd})';
/** Addresses and numbers in words: "dot com", "zero one zero …". */
const SPELLED_CONTACT = [
  new RegExp(`(?:${SPELLED_DIGIT}[\\s,،.-]+){6,}${SPELLED_DIGIT}`, 'iu'),
  /\b(?:dot|\(dot\)|\[dot\])\s*(?:com|net|org|info|io|co|me|app)\b|\(dot\)|\[(?:dot|at)\]|\(at\)|\bat \w+ dot\b/i,
  /\bh(?:xx|tt)ps?\s*:|\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[A-Z]{2}\d{2}(?:\s?\d{4}){3,}/i,
  /[\p{L}\p{N}]\s?[.․]\s?(?:com|net|org|info|xyz|link)\b|\b(?:t|wa)\.me\b|\bbit\.ly\b/iu,
];

/** Whether a text names a telephone number that is not allowed, or any link, e-mail address or user name. */
export const namesOtherContact = (text: string, allowed: AllowedContacts): boolean =>
  LINK.test(text) ||
  SPELLED_CONTACT.some((pattern) => pattern.test(text.normalize('NFKC'))) ||
  namesOtherNumber(text, allowed);

export const withoutPhoneNumbers = (text: string): string => text.replace(PHONE, ' ');

function namesOtherNumber(words: string, { phones }: AllowedContacts): boolean {
  const text = withPlainDigits(words);
  const allowedNumbers = phones.map(getDigits).filter((digits) => digits !== '');
  const isAllowed = (number: string): boolean => {
    const digits = getDigits(number);
    const withoutLeadingZeros = digits.length >= MIN_PHONE_DIGITS ? digits.replace(/^0+/, '') : null;
    return allowedNumbers.some(
      (allowed) => allowed === digits || (withoutLeadingZeros !== null && allowed.endsWith(withoutLeadingZeros)),
    );
  };
  const numbers = [...text.matchAll(PHONE)].map(([number]) => number).filter((number) => !DATE.test(number));
  const shortNumbers = [...withoutPhoneNumbers(text).matchAll(SHORT_NUMBER)].map(([, number]) => number ?? '');
  return [...numbers, ...shortNumbers].some((number) => !isAllowed(number));
}

const getDigits = (text: string): string => text.replace(/\D/g, '');
