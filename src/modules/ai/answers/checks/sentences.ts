import { findMentions } from './mentions/find-mentions.js';
import { classifySentence } from './sentence-classifier.js';
import type { Violation } from './violation.js';

const SENTENCE_END = /[!?؟।…\n]+|\.(?=\s|$)|[.](?=["'”’»)])/gu;
/** A sentence is withheld if it is harmless with less than this probability (docs/ai.md says how they were chosen) … */
const MIN_SAFE = 0.4;
/** … or, if it has at most so many words, which give less evidence, with less than this one … */
const MIN_SAFE_SHORT = 0.1;
const WORDS_OF_SHORT = 8;
/** … or if it mentions something critical and has less than this one. */
const MIN_SAFE_WITH_MENTION = 0.9;
/** The others are never doubted: advice to get help makes the answer an emergency, and data of others are withheld in any sentence. */
const MAY_BE_HARMLESS: ReadonlySet<Violation> = new Set(['AGAINST_HELP', 'DOSE', 'DIAGNOSIS', 'PROMISE']);
/** Fewer words say nothing alone: "One moment." */
const MIN_WORDS = 3;

/** What the classifier finds in the sentences of a text. */
export function* findBySense(text: string): Generator<Violation> {
  for (const sentence of splitIntoSentences(text)) {
    const { safe, violation } = classifySentence(sentence);
    const words = sentence.trim().split(/\s+/).length;
    if (words >= MIN_WORDS && safe < (words <= WORDS_OF_SHORT ? MIN_SAFE_SHORT : MIN_SAFE)) yield violation;
  }
}

/** Why the sentences of a text are withheld by what they mention. A sentence that the classifier takes for harmless may mention it. */
export function* findMentionsInSentences(text: string): Generator<Violation> {
  for (const sentence of splitIntoSentences(text)) {
    const mentions = [...findMentions(sentence)];
    const mayBeHarmless = mentions.length > 0 && classifySentence(sentence).safe >= MIN_SAFE_WITH_MENTION;
    yield* mayBeHarmless ? mentions.filter((mention) => !MAY_BE_HARMLESS.has(mention)) : mentions;
  }
}

const splitIntoSentences = (text: string): string[] =>
  text.split(SENTENCE_END).filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
