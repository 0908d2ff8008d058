import { ARABIC_WORDS, ENGLISH_WORDS, HINDI_WORDS, ROMANIZED_WORDS } from '../../../core/vocabulary/index.js';

/** Before words that are written together with them: "and", "with", "for", "the". */
const ARABIC_PREFIX = /^[وفبلك]?(?:ال)?(?=.{3})/u;

let vocabulary: ReadonlySet<string> | undefined;

/** Whether the language has the word. The vocabulary is built at its first use: many processes never match an FAQ. */
export function isOrdinaryWord(word: string, stem: string): boolean {
  vocabulary ??= new Set(
    [ENGLISH_WORDS, ROMANIZED_WORDS, ARABIC_WORDS, HINDI_WORDS].flatMap((words) => words.split(/\s/u)),
  );
  return vocabulary.has(word) || vocabulary.has(stem) || vocabulary.has(word.replace(ARABIC_PREFIX, ''));
}
