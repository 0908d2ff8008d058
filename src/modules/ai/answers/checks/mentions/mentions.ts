import { normalizeLetters } from '../../../red-flags/normalize.js';

/**
 * What a sentence mentions, in one language. Unlike the phrase lists, these withhold by default: a sentence that mentions a
 * medicine or a disease is shown only if it has a harmless context. All of them match normalized text without clause ends.
 */
export interface Mentions {
  /** A medicine, by name or kind. */
  medicine: RegExp;
  /** An amount of a medicine, or how often it is taken. */
  amount: RegExp;
  /** What makes a mention of a medicine harmless: asking a doctor, bringing a list, saying that no advice is possible. */
  medicineContext: RegExp;
  /** A disease, by name or ending. */
  disease: RegExp;
  /** Words that tie a disease to the person who asks or to someone they ask about. */
  aboutPerson: RegExp;
  /** General information about diseases. */
  diseaseContext: RegExp;
  /** Waiting, watching, resting, doing nothing; reassurance. */
  againstHelp: RegExp;
  /** What makes words of waiting or reassurance harmless. */
  againstHelpContext: RegExp;
  /** An ambulance, an emergency number or department. */
  emergency: RegExp;
  negation: RegExp;
  /** An action that the chat claims or promises. */
  promise: RegExp;
  /** What makes words of a promise harmless: "I cannot", "you can". */
  promiseContext: RegExp;
  /** A statement about the person's body, with or without the name of a disease. */
  statesDiagnosis: RegExp;
  /** What makes such a statement harmless: a condition, a question, or that only a doctor can tell. */
  diagnosisIsOpen: RegExp;
  /** The chat speaks of itself, or of what was done. */
  firstPerson: RegExp;
  harmlessFirstPerson: RegExp;
  /** "Now", "at once". Together with a word of help, it is advice for an emergency. */
  urgent: RegExp;
  help: RegExp;
  othersData: RegExp;
  promptLeak: RegExp;
}

/** An asterisk after a letter; after a bracket it repeats a group. */
const ANY_ENDING = /(?<=[\p{L}\p{M}])\*/gu;

/** Matches one of the alternatives as whole words. `*` stands for any ending. */
export const words = (...lists: string[]): RegExp =>
  new RegExp(`(?<= )(?:${normalizeLetters(lists.join('|')).replace(ANY_ENDING, '[^ ]*')})(?= )`, 'u');

/** The same, after Arabic prefixes: and, so, with, for, like, the. */
export const arabicWords = (...lists: string[]): RegExp =>
  new RegExp(
    `(?<= )(?:[وف])?(?:[بكل])?(?:ال|لل)?(?:${normalizeLetters(lists.join('|')).replace(ANY_ENDING, '[^ ]*')})(?= )`,
    'u',
  );
