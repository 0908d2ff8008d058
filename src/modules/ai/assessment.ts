import type { Language } from '../../core/kernel/locale.js';
import { getPartsBesideRequests, hasOnlyAdministrativeWords } from './administrative/administrative.js';
import { getEmergencyProbability, scoreMessage } from './classifier/score-message.js';
import { classify, type Classification } from './classifier/classify.js';
import type { LinearModel } from './classifier/linear-model.js';
import { withoutMinimisers } from './classifier/minimisers.js';
import { THRESHOLDS } from './classifier/thresholds.js';
import { loadWeights } from './classifier/weights.js';
import { detectLanguage } from './language.js';
import { findRedFlagAcrossMessages, findRedFlagInLongText, type MatchKind } from './red-flags/find-red-flag.js';
import type { RedFlag } from './red-flags/rule.js';

/** An emergency that the rules or the classifier found. */
export interface Emergency {
  /** OTHER if only the classifier found it. */
  flag: RedFlag;
  /** The language of the words; null if it is unclear. */
  language: Language | null;
}

/** What was found in a message, before any model is called. All but administrative messages get the emergency lines. */
export type Assessment = { kind: 'EMERGENCY'; emergency: Emergency } | { kind: 'HEALTH' } | { kind: 'ADMINISTRATIVE' };

/** Earlier messages of the person that are read together with a new one. */
const MAX_EARLIER_MESSAGES = 3;
/** Of a longer text, only the start and the end are classified. */
const MAX_CLASSIFIED_CHARACTERS = 8_000;

/**
 * Assesses a message together with the last few of the same person. An emergency may be described in several messages, also with a
 * question about an appointment between them. After an emergency, every message that is not administrative is still one:
 * "he says it is nothing" does not lower it.
 * @param weights others than the committed ones to measure them
 */
export function assess(
  message: string,
  allEarlier: readonly string[] = [],
  weights: LinearModel = loadWeights(),
): Assessment {
  const earlier = allEarlier.slice(-MAX_EARLIER_MESSAGES);
  const aboutHealth = earlier.filter((each) => !isCertainlyAdministrative(each, weights));
  let emergency = findEmergency(message, weights) ?? findAcrossMessages(earlier, message);
  if (!emergency && aboutHealth.length < earlier.length) emergency = findAcrossMessages(aboutHealth, message);
  // After an emergency, only a message of administrative words alone is answered as such. The classifier is not enough.
  if (!emergency && !hasOnlyAdministrativeWords(message)) {
    emergency =
      classifyTogether(aboutHealth, message, weights) ??
      earlier.map((each) => findEmergency(each, weights)).findLast(Boolean) ??
      null;
  }
  if (emergency) return { kind: 'EMERGENCY', emergency };
  const isAllAdministrative = aboutHealth.length === 0 && isCertainlyAdministrative(message, weights);
  return { kind: isAllAdministrative ? 'ADMINISTRATIVE' : 'HEALTH' };
}

/**
 * Searches a text of any length for an emergency, by the classifier and by the rules. The classifier is enough alone. In most messages
 * a rule is not: the rules do not know figures of speech and old stories. If nothing is found, the text is read again without the
 * sentences that play it down.
 */
export function findEmergency(text: string, weights: LinearModel = loadWeights()): Emergency | null {
  const found = findInText(text, weights);
  if (found) return found;
  for (const rest of withoutMinimisers(keepStartAndEnd(text))) {
    const inRest = findInText(rest, weights);
    if (inRest) return inRest;
  }
  return null;
}

function findInText(text: string, weights: LinearModel): Emergency | null {
  const { kind, ...scores } = classify(keepStartAndEnd(text), weights);
  const found = findRedFlagInLongText(text, (match) => isConfirmed(match, scores));
  const language = found?.language ?? detectLanguage(text);
  // The text about self-harm contains the request to call, too.
  if (kind === 'SELF_HARM') return { flag: 'SELF_HARM', language };
  if (found) return { flag: found.flag, language };
  return kind === 'EMERGENCY' ? { flag: 'OTHER', language } : null;
}

/** Whether a match of a rule counts, given what the classifier found in the same message. */
const isConfirmed = (
  { kind, isPlain }: MatchKind,
  { words, emergency }: Pick<Classification, 'words' | 'emergency'>,
): boolean =>
  words <= THRESHOLDS.maxWordsOfRuleAlone ||
  (isPlain && words <= THRESHOLDS.maxWordsOfPlainStatement && emergency >= THRESHOLDS.minEmergencyOfPlainStatement) ||
  emergency >= THRESHOLDS.minEmergencyWithRule[kind];

/** All words are on the list of administrative words, or the classifier takes the message for administrative and no rule matches. */
const isCertainlyAdministrative = (message: string, weights: LinearModel): boolean =>
  hasOnlyAdministrativeWords(message) ||
  (isClassifiedAsAdministrative(message, weights) && !findRedFlagInLongText(message));

/** A request must not hide a sentence beside it: "cancel my appointment, I see no point any more". */
function isClassifiedAsAdministrative(message: string, weights: LinearModel): boolean {
  if (classify(message, weights).kind !== 'ADMIN') return false;
  return getPartsBesideRequests(message)
    .filter((part) => part.split(' ').length >= THRESHOLDS.minWordsBesideRequest)
    .map((part) => scoreMessage(part, weights).whole)
    .every(
      (part) =>
        part.ADMIN >= THRESHOLDS.minAdministrativeBesideRequest &&
        getEmergencyProbability(part) <= THRESHOLDS.maxEmergencyOfAdministrative,
    );
}

function findAcrossMessages(earlier: readonly string[], message: string): Emergency | null {
  const found = findRedFlagAcrossMessages(earlier, message);
  return found && { flag: found.flag, language: found.language };
}

function classifyTogether(earlier: readonly string[], message: string, weights: LinearModel): Emergency | null {
  if (earlier.length === 0) return null;
  const { kind, emergency } = classify(keepStartAndEnd([...earlier, message].join('\n')), weights);
  if (emergency < THRESHOLDS.minEmergencyOfPart) return null;
  return { flag: kind === 'SELF_HARM' ? 'SELF_HARM' : 'OTHER', language: detectLanguage(message) };
}

function keepStartAndEnd(text: string): string {
  if (text.length <= MAX_CLASSIFIED_CHARACTERS) return text;
  const half = MAX_CLASSIFIED_CHARACTERS / 2;
  return `${text.slice(0, half)}\n${text.slice(-half)}`;
}
