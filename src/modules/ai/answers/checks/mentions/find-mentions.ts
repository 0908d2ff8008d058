import { normalizeText } from '../../../red-flags/normalize.js';
import type { Violation } from '../violation.js';
import { ARABIC_MENTIONS } from './arabic.js';
import { ENGLISH_MENTIONS } from './english.js';
import { HINDI_MENTIONS } from './hindi.js';
import type { Mentions } from './mentions.js';

const LANGUAGES: readonly Mentions[] = [ENGLISH_MENTIONS, ARABIC_MENTIONS, HINDI_MENTIONS];
/** "Do not wait" urges to get help; it is not a negation of the help. */
const URGING =
  / (?:(?:do not|dont|without|never|no) (?:wait|delay|hesitat)[a-z]*|(?:لا|دون|بدون|بلا) (?:تنتظر|تاخير|تتاخر|تتردد)[^ ]*|रुकिए मत|रुकें नहीं|बिना देरी|देर न करें|देरी न करें)(?= )/gu;

/** Why a sentence is withheld by what it mentions. */
export function* findMentions(sentence: string): Generator<Violation> {
  const normalized = normalizeText(sentence).replaceAll(' | ', ' ').replace(/ +/g, ' ');
  for (const language of LANGUAGES) yield* findIn(normalized, language);
}

function* findIn(sentence: string, language: Mentions): Generator<Violation> {
  const isUrgent = language.urgent.test(sentence) && language.help.test(sentence);
  if (language.emergency.test(sentence) || isUrgent) {
    yield isNegated(sentence) ? 'AGAINST_HELP' : 'EMERGENCY_ADVICE';
  }
  if (language.againstHelp.test(sentence) && !language.againstHelpContext.test(sentence)) yield 'AGAINST_HELP';
  const hasMedicineContext = language.medicineContext.test(sentence);
  if (language.amount.test(sentence) || (language.medicine.test(sentence) && !hasMedicineContext)) yield 'DOSE';
  if (isDiagnosis(sentence, language)) yield 'DIAGNOSIS';
  if (isPromise(sentence, language)) yield 'PROMISE';
  if (language.othersData.test(sentence)) yield 'OTHERS_DATA';
  if (language.promptLeak.test(sentence)) yield 'PROMPT_LEAK';
}

/** Hinglish and English mix, so each language's negations count. */
function isNegated(sentence: string): boolean {
  const withoutUrging = sentence.replace(URGING, ' ');
  return LANGUAGES.some(({ negation }) => negation.test(withoutUrging));
}

const isDiagnosis = (sentence: string, language: Mentions): boolean =>
  (language.disease.test(sentence) && language.aboutPerson.test(sentence) && !language.diseaseContext.test(sentence)) ||
  (language.statesDiagnosis.test(sentence) && !language.diagnosisIsOpen.test(sentence));

const isPromise = (sentence: string, language: Mentions): boolean =>
  (language.promise.test(sentence) && !language.promiseContext.test(sentence)) ||
  (language.firstPerson.test(sentence) && !language.harmlessFirstPerson.test(sentence));
