import { getEmergencyProbability, scoreMessage, type MessageScores } from './score-message.js';
import type { LinearModel } from './linear-model.js';
import { THRESHOLDS } from './thresholds.js';

/** What the classifier takes a message for. Everything that is not certain is HEALTH. */
export interface Classification {
  kind: 'EMERGENCY' | 'SELF_HARM' | 'HEALTH' | 'ADMIN';
  /** The highest probability of an emergency, of the message or a part. */
  emergency: number;
  words: number;
}

export function classify(text: string, weights: LinearModel): Classification {
  const scores = scoreMessage(text, weights);
  return { kind: getKind(scores), emergency: getEmergencyProbability(scores.worstPart), words: scores.words };
}

function getKind({ whole, worstPart, mostSelfHarm, words }: MessageScores): Classification['kind'] {
  const isEmergency =
    getEmergencyProbability(whole) >=
      (isShort(words) ? THRESHOLDS.minEmergencyOfShort : THRESHOLDS.minEmergencyOfWhole) ||
    getEmergencyProbability(worstPart) >= THRESHOLDS.minEmergencyOfPart ||
    mostSelfHarm.SELF_HARM >= THRESHOLDS.minSelfHarm;
  // The text about self-harm needs the whole message: a part of another emergency may sound like it.
  if (isEmergency) return whole.SELF_HARM >= THRESHOLDS.minSelfHarm ? 'SELF_HARM' : 'EMERGENCY';
  const isAdministrative =
    words >= THRESHOLDS.minWordsOfAdministrative &&
    whole.ADMIN >= THRESHOLDS.minAdministrative &&
    getEmergencyProbability(worstPart) <= THRESHOLDS.maxEmergencyOfAdministrative;
  return isAdministrative ? 'ADMIN' : 'HEALTH';
}

const isShort = (words: number): boolean =>
  words >= THRESHOLDS.wordsOfShort.min && words <= THRESHOLDS.wordsOfShort.max;
