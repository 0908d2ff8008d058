import { normalizeText } from '../../red-flags/normalize.js';
import { ARABIC } from './arabic.js';
import { namesOtherContact, withoutPhoneNumbers, type AllowedContacts } from './contacts.js';
import { ENGLISH } from './english.js';
import { isForeignLanguage } from './foreign-language.js';
import { HINDI } from './hindi.js';
import { findBySense, findMentionsInSentences } from './sentences.js';
import { isToolCall } from './tool-call.js';
import { type ForbiddenPatterns, type Violation, VIOLATIONS } from './violation.js';

/** A line break or a new list item within a sentence. */
const LINE_BREAK_IN_SENTENCE = /(?<![\s.!?:؟।…])[ \t]*\n\s*(?:[-*•–]\s+)*/gu;
/** No word of the chat's languages is so long. The time of some checks grows with its square. */
const LONG_WORD = /(\S{200})\S+/gu;
const LANGUAGES: readonly ForbiddenPatterns[] = [ENGLISH, ARABIC, HINDI];
/** The tag EMERGENCY in Arabic or Hindi. */
const TRANSLATED_TAG = /\[{1,2}\s*(?:حالة\s*)?(?:طوارئ|طارئ|الطوارئ|إسعاف|आपात|इमरजेंसी)/u;
/** A negation within the advice: "this is not an emergency", but not "do not wait". */
const NEGATION_WITHIN = / (?:not|isnt|never|न|मत|नहीं)(?! (?:wait|delay|hesitate|ignore|drive)) /u;

/** The most urgent reason to withhold a model's text; null if the text may be shown. */
export function findViolation(words: string, allowed: AllowedContacts): Violation | null {
  const text = words.replace(LONG_WORD, '$1 ');
  const variants = [...new Set([text, text.replace(LINE_BREAK_IN_SENTENCE, ' ')])];
  const found = new Set(variants.flatMap((variant) => [...findByWords(variant)]));
  if (TRANSLATED_TAG.test(text)) found.add('EMERGENCY_ADVICE');
  if (isToolCall(text)) found.add('TOOL_CALL');
  if (text !== words || isForeignLanguage(text)) found.add('LANGUAGE');
  if (namesOtherContact(text, allowed)) found.add('CONTACT');
  // Only if the words show nothing: they tell better than the classifier what kind of violation a sentence is. Without the
  // telephone numbers, which are allowed here.
  const reasons =
    found.size > 0 ? found : new Set(variants.flatMap((variant) => [...findBySense(withoutPhoneNumbers(variant))]));
  return VIOLATIONS.find((violation) => reasons.has(violation)) ?? null;
}

function* findByWords(text: string): Generator<Violation> {
  const normalized = normalizeText(text);
  for (const language of LANGUAGES) yield* findForbiddenPatterns(normalized, language);
  yield* findMentionsInSentences(text);
}

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
