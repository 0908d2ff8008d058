import { Redactor } from '../../src/modules/ai/redaction/redactor.js';

export interface MaskedWords {
  words: number;
  masked: number;
  /** The messages with a placeholder, as they are sent. */
  examples: string[];
}

const WORD = /[\p{L}\p{M}\p{N}\u200D]+/gu;
const PLACEHOLDER = /\[[a-z]+\]/gu;
const redactor = new Redactor({ names: [], phrases: [] });
const countWords = (text: string): number => text.replace(PLACEHOLDER, ' ').match(WORD)?.length ?? 0;

/** Counts the words of messages that the redaction masks. Nearly all words of the development phrases are ordinary words. */
export function countMaskedWords(messages: readonly string[]): MaskedWords {
  const result: MaskedWords = { words: 0, masked: 0, examples: [] };
  for (const message of messages) {
    const redacted = redactor.redact(message).text;
    const words = countWords(redactor.normalize(message));
    const masked = words - countWords(redacted);
    result.words += words;
    result.masked += masked;
    if (masked > 0) result.examples.push(redacted);
  }
  return result;
}
