import { getEmergency, scoreMessage, type MessageScores } from './classifier.js';
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
  return { kind: getKind(scores), emergency: getEmergency(scores.worstPart), words: scores.words };
}

function getKind({ whole, worstPart, mostSelfHarm, words }: MessageScores): Classification['kind'] {
  const isEmergency =
    getEmergency(whole) >= (isShort(words) ? THRESHOLDS.emergencyShort : THRESHOLDS.emergencyWhole) ||
    getEmergency(worstPart) >= THRESHOLDS.emergencyPart ||
    mostSelfHarm.SELF_HARM >= THRESHOLDS.selfHarm;
  // The text about self-harm needs the whole message: a part of another emergency may sound like it.
  if (isEmergency) return whole.SELF_HARM >= THRESHOLDS.selfHarm ? 'SELF_HARM' : 'EMERGENCY';
  const isAdministrative =
    words >= THRESHOLDS.wordsOfAdministrative &&
    whole.ADMIN >= THRESHOLDS.administrative &&
    getEmergency(worstPart) <= THRESHOLDS.emergencyOfAdministrative;
  return isAdministrative ? 'ADMIN' : 'HEALTH';
}

const isShort = (words: number): boolean =>
  words >= THRESHOLDS.wordsOfShort.min && words <= THRESHOLDS.wordsOfShort.max;
