import { readFileSync } from 'node:fs';
import { splitIntoWords } from '../../classifier/features.js';
import { parseModel, predict, type LinearModel } from '../../classifier/linear-model.js';
import type { Violation } from './violation.js';

/** What a sentence of a model is. The violations are those that depend on its sense more than on its words. */
export const SENTENCE_CLASSES = [
  'SAFE',
  'EMERGENCY_ADVICE',
  'AGAINST_HELP',
  'DOSE',
  'DIAGNOSIS',
  'PROMISE',
  'OTHERS_DATA',
] as const satisfies readonly ('SAFE' | Violation)[];
export type SentenceClass = (typeof SENTENCE_CLASSES)[number];
const VIOLATION_CLASSES = SENTENCE_CLASSES.filter((each) => each !== 'SAFE');

/** What the classifier takes a sentence for. */
export interface ClassifiedSentence {
  /** The probability that it is harmless: the lowest of its parts. */
  safe: number;
  /** The most probable violation of that part. */
  violation: Exclude<SentenceClass, 'SAFE'>;
}

/** A longer sentence is read in overlapping parts, so that many harmless words do not hide a few. */
const PART_WORDS = 40;
const PART_STEP = 20;

let loaded: LinearModel | undefined;

/** The committed weights, which `npm run train:sentences` writes, read once. */
export const loadSentenceWeights = (): LinearModel =>
  (loaded ??= parseModel(readFileSync(new URL('./sentence-weights.bin', import.meta.url)), SENTENCE_CLASSES.length));

/** @param weights others than the committed ones to measure them */
export function classifySentence(sentence: string, weights = loadSentenceWeights()): ClassifiedSentence {
  const { words } = splitIntoWords(sentence);
  return getParts(words)
    .map((part) => classifyPart(part, weights))
    .reduce((worst, part) => (part.safe < worst.safe ? part : worst));
}

function classifyPart(words: readonly string[], weights: LinearModel): ClassifiedSentence {
  const [safe = 0, ...others] = predict(words, weights);
  const violation = VIOLATION_CLASSES[others.indexOf(Math.max(...others))];
  return { safe, violation: violation ?? 'AGAINST_HELP' };
}

function getParts(words: readonly string[]): (readonly string[])[] {
  const parts = [words.slice(0, PART_WORDS)];
  for (let start = PART_STEP; start + PART_STEP < words.length; start += PART_STEP) {
    parts.push(words.slice(start, start + PART_WORDS));
  }
  return parts;
}
