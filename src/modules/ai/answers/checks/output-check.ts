import { withPlainDigits } from '../../redaction/plain-digits.js';
import { normalizeText } from '../../red-flags/normalize.js';
import { ARABIC } from './arabic.js';
import { ENGLISH } from './english.js';
import { isForeignLanguage } from './foreign-language.js';
import { HINDI } from './hindi.js';
import { findBySense, findMentionsInSentences } from './sentences.js';
import { type ForbiddenPatterns, type Violation, VIOLATIONS } from './violation.js';

/** The telephone numbers that a model may name. */
export interface AllowedContacts {
  phones: readonly string[];
}

/** A line break or a new list item within a sentence. */
const LINE_BREAK_IN_SENTENCE = /(?<![\s.!?:؟।…])[ \t]*\n\s*(?:[-*•–]\s+)*/gu;
/** No word of the chat's languages is so long. The time of some checks grows with its square. */
const LONG_WORD = /(\S{200})\S+/gu;
const LANGUAGES: readonly ForbiddenPatterns[] = [ENGLISH, ARABIC, HINDI];
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
/** The tag EMERGENCY in Arabic or Hindi. */
const TRANSLATED_TAG = /\[{1,2}\s*(?:حالة\s*)?(?:طوارئ|طارئ|الطوارئ|إسعاف|आपात|इमरजेंसी)/u;
/** A negation within the advice: "this is not an emergency", but not "do not wait". */
const NEGATION_WITHIN = / (?:not|isnt|never|न|मत|नहीं)(?! (?:wait|delay|hesitate|ignore|drive)) /u;
const TOOL_CALL = [
  // An answer needs no braces and no code.
  /[{}]/,
  /[<‹]\/?\|?\s*(?:tool|function|python|invoke|action|execute|assistant|system|im_)|[<‹]\w+=|[<‹]\/?[|｜]/i,
  /\[\/?(?:TOOL|FUNCTION|AVAILABLE)_?(?:CALLS?|RESULTS?|TOOLS)?\]/i,
  /^\s*(?:action|tool|function|thought|observation|tool_use)(?: input| call)?\s*:\s*\S/im,
  /```/,
  /\b[a-z]+(?:_[a-z]+|[A-Z][a-z]+)+\s*\(/,
  /\b[a-z]\w*\.\w+\(|\b[a-z]\w*\(\s*(?:["'[{]|\w+\s*[=:])|\b(?:print|eval|exec|require)\(/i,
  /\b(?:select\b.{1,60}\bfrom|insert into|update \w+ set|drop table|import (?:os|sys|subprocess)|curl -|(?:get|post|put|delete) \/)/i,
  /\bto=\w+|\w+_id\s*[:=]/i,
];

/** The most urgent reason to withhold a model's text; null if the text may be shown. */
export function findViolation(words: string, allowed: AllowedContacts): Violation | null {
  const text = words.replace(LONG_WORD, '$1 ');
  const variants = [...new Set([text, text.replace(LINE_BREAK_IN_SENTENCE, ' ')])];
  const found = new Set(variants.flatMap((variant) => [...findByWords(variant)]));
  if (TRANSLATED_TAG.test(text)) found.add('EMERGENCY_ADVICE');
  if (TOOL_CALL.some((pattern) => pattern.test(text))) found.add('TOOL_CALL');
  if (text !== words || isForeignLanguage(text)) found.add('LANGUAGE');
  if (namesOtherContact(text, allowed)) found.add('CONTACT');
  // Only if the words show nothing: they tell better than the classifier what kind of violation a sentence is. Without the
  // telephone numbers, which are allowed here.
  const reasons =
    found.size > 0 ? found : new Set(variants.flatMap((variant) => [...findBySense(variant.replace(PHONE, ' '))]));
  return VIOLATIONS.find((violation) => reasons.has(violation)) ?? null;
}

function* findByWords(text: string): Generator<Violation> {
  const normalized = normalizeText(text);
  for (const language of LANGUAGES) yield* findForbiddenPatterns(normalized, language);
  yield* findMentionsInSentences(text);
}

const namesOtherContact = (text: string, allowed: AllowedContacts): boolean =>
  LINK.test(text) ||
  SPELLED_CONTACT.some((pattern) => pattern.test(text.normalize('NFKC'))) ||
  namesOtherNumber(text, allowed);

function* findForbiddenPatterns(normalized: string, language: ForbiddenPatterns): Generator<Violation> {
  for (const pattern of language.EMERGENCY_ADVICE) {
    for (const { index, 0: advice } of normalized.matchAll(pattern)) {
      const before = normalized.slice(normalized.lastIndexOf('|', index) + 1, index).trim();
      const isNegated = language.negationBefore.test(` ${before} `) || NEGATION_WITHIN.test(` ${advice} `);
      yield isNegated ? 'AGAINST_HELP' : 'EMERGENCY_ADVICE';
    }
  }
  for (const violation of ['AGAINST_HELP', 'DOSE', 'DIAGNOSIS', 'PROMISE'] as const) {
    if (language[violation].some((pattern) => normalized.search(pattern) >= 0)) yield violation;
  }
}

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
  const shortNumbers = [...text.replace(PHONE, ' ').matchAll(SHORT_NUMBER)].map(([, number]) => number ?? '');
  return [...numbers, ...shortNumbers].some((number) => !isAllowed(number));
}

const getDigits = (text: string): string => text.replace(/\D/g, '');
