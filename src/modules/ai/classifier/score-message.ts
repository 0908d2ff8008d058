import { splitIntoWords, type Words } from './features.js';
import { predict, type LinearModel } from './linear-model.js';
import { CLASSES, type MessageClass } from './weights.js';

export type Probabilities = Readonly<Record<MessageClass, number>>;

/** The probabilities of the classes in a message, and in the parts of it that are most like an emergency. */
export interface MessageScores {
  /** Of the whole message. */
  whole: Probabilities;
  /** Of the part with the highest probability of an emergency. Equal to `whole` if the message has only one part. */
  worstPart: Probabilities;
  /** Of the message or the part with the highest probability of self-harm. */
  mostSelfHarm: Probabilities;
  words: number;
}

/** Words of a part. A longer clause, or a text without punctuation, is read in overlapping parts. */
const PART_WORDS = 14;
const PART_STEP = 5;
const MIN_PART_WORDS = 3;

/** Scores a message: as a whole, and part by part, so that many harmless words do not hide a few. */
export function scoreMessage(text: string, weights: LinearModel): MessageScores {
  const words = splitIntoWords(text);
  const whole = getProbabilities(words.words, weights);
  const parts = getParts(words).map((part) => getProbabilities(part, weights));
  const worstPart = parts.reduce(
    (worst, part) => (getEmergencyProbability(part) > getEmergencyProbability(worst) ? part : worst),
    whole,
  );
  const mostSelfHarm = parts.reduce((most, part) => (part.SELF_HARM > most.SELF_HARM ? part : most), whole);
  return { whole, worstPart, mostSelfHarm, words: words.words.length };
}

/** The probability of an emergency of either class. */
export const getEmergencyProbability = ({ EMERGENCY, SELF_HARM }: Probabilities): number => EMERGENCY + SELF_HARM;

function getProbabilities(words: readonly string[], weights: LinearModel): Probabilities {
  const probabilities = predict(words, weights);
  return Object.fromEntries(CLASSES.map((name, each) => [name, probabilities[each]!])) as Probabilities;
}

/** Clauses, neighbouring clauses, and windows over long texts. */
export function getParts({ words, clauses }: Words): string[][] {
  const starts = words.flatMap((_, index) => (index === 0 || clauses[index] !== clauses[index - 1] ? [index] : []));
  const parts = starts.flatMap((start, each) => {
    const [next, afterNext] = [starts[each + 1] ?? words.length, starts[each + 2] ?? words.length];
    return [words.slice(start, next), ...(next < words.length ? [words.slice(start, afterNext)] : [])];
  });
  const windows = [];
  for (let start = 0; start + PART_WORDS < words.length + PART_STEP; start += PART_STEP) {
    windows.push(words.slice(start, start + PART_WORDS));
  }
  return [...parts, ...windows].filter(({ length }) => length >= MIN_PART_WORDS && length < words.length);
}
