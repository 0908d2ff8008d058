import { withPlainDigits } from '../../redaction/plain-digits.js';
import { fold } from '../../red-flags/normalize.js';
import { ARABIC } from './arabic.js';
import { ENGLISH } from './english.js';
import { HINDI } from './hindi.js';
import { type Objection, OBJECTIONS, type Wordings } from './violation.js';

/** Telephone numbers that a model may name. */
export interface OurContacts {
  phones: readonly string[];
}

/** A line break, or a new list item, in the middle of a sentence. */
const BROKEN_LINE = /(?<![\s.!?:؟।…])[ \t]*\n\s*(?:[-*•–]\s+)*/gu;
const LANGUAGES: readonly Wordings[] = [ENGLISH, ARABIC, HINDI];
const MIN_PHONE_DIGITS = 7;
const PHONE = /\+?\(?\d(?:[\s().-]{0,3}\d){6,}/g;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const SHORT_NUMBER =
  /(?:\b(?:call|dial|phone|ring|text|sms|whatsapp)\b|اتصل|رقم|कॉल|फ़ोन|फोन|नंबर)[^.\n]{0,30}?(?<![\d:])(\d{3,6})(?![\d:])/giu;
/** The placeholder of a link, an e-mail address, a name on a social network. */
const LINK = /\[…\]|[@＠][\p{L}\p{N}_.]{3,}/u;
/** The tag EMERGENCY, translated. */
const TRANSLATED_TAG = /\[{1,2}\s*(?:حالة\s*)?(?:طوارئ|طارئ|الطوارئ|إسعاف|आपात|इमरजेंसी)/u;
/** "This is not an emergency"; not "do not wait". */
const NEGATED_INSIDE = / (?:not|isnt|never|न|मत|नहीं)(?! (?:wait|delay|hesitate|ignore|drive)) /u;
const TOOL_CALL = [
  /[{[]\s*"?(?:name|tool|tool_name|tool_calls?|function|action|arguments|parameters|type|recipient_name)"?\s*:/i,
  /[<‹]\/?\|?\s*(?:tool|function|python|invoke|action)/i,
  /\[\/?(?:TOOL|FUNCTION|AVAILABLE)_?(?:CALLS?|RESULTS?|TOOLS)?\]/i,
  /^\s*(?:action|tool|function)(?: input| call)?\s*:\s*\S/im,
  /```/,
  /\b[a-z]+(?:_[a-z]+|[A-Z][a-z]+)+\s*\(/,
];

/** Why a model's words must not be shown, the most urgent reason first; null if they may be shown. */
export function objectionTo(words: string, ours: OurContacts): Objection | null {
  const found = new Set<Objection>();
  for (const text of new Set([words, words.replace(BROKEN_LINE, ' ')])) {
    const folded = fold(text);
    for (const wordings of LANGUAGES) {
      for (const objection of objectionsIn(folded, wordings)) found.add(objection);
    }
  }
  if (TRANSLATED_TAG.test(words)) found.add('EMERGENCY_ADVICE');
  if (TOOL_CALL.some((pattern) => pattern.test(words))) found.add('TOOL_CALL');
  if (leadsElsewhere(words, ours)) found.add('CONTACT');
  return OBJECTIONS.find((objection) => found.has(objection)) ?? null;
}

function* objectionsIn(folded: string, wordings: Wordings): Generator<Objection> {
  for (const pattern of wordings.EMERGENCY_ADVICE) {
    for (const { index, 0: advice } of folded.matchAll(pattern)) {
      const before = folded.slice(folded.lastIndexOf('|', index) + 1, index).trim();
      const isNegated = wordings.turnedAround.test(` ${before} `) || NEGATED_INSIDE.test(` ${advice} `);
      yield isNegated ? 'AGAINST_HELP' : 'EMERGENCY_ADVICE';
    }
  }
  for (const objection of ['AGAINST_HELP', 'DOSE', 'DIAGNOSIS', 'PROMISE'] as const) {
    if (wordings[objection].some((pattern) => folded.search(pattern) >= 0)) yield objection;
  }
}

function leadsElsewhere(words: string, { phones }: OurContacts): boolean {
  const text = withPlainDigits(words);
  const known = phones.map(digitsOf).filter((digits) => digits !== '');
  const isOurs = (number: string): boolean => {
    const digits = digitsOf(number);
    return known.some(
      (own) => own === digits || (digits.length >= MIN_PHONE_DIGITS && own.endsWith(digits.replace(/^0+/, ''))),
    );
  };
  const numbers = [...text.matchAll(PHONE)].map(([number]) => number).filter((number) => !DATE.test(number));
  const short = [...text.replace(PHONE, ' ').matchAll(SHORT_NUMBER)].map(([, number]) => number ?? '');
  return LINK.test(words) || [...numbers, ...short].some((number) => !isOurs(number));
}

const digitsOf = (text: string): string => text.replace(/\D/g, '');
