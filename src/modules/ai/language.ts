import type { Language } from '../../core/kernel/locale.js';

const ENGLISH_WORDS = /\b(?:the|is|are|my|how|what|when|where|can|do|does|i|you|have|please|an?|to|for)\b/giu;

/** Arabic or Devanagari letters, or English words, from which the language is clear. */
const MIN_LETTERS = 3;
const MIN_ENGLISH_WORDS = 2;

const countMatches = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** Detects the language by script, or by common English words; null if it is unclear. */
export function detectLanguage(text: string): Language | null {
  const arabic = countMatches(text, /\p{Script=Arabic}/gu);
  const devanagari = countMatches(text, /\p{Script=Devanagari}/gu);
  if (arabic + devanagari >= MIN_LETTERS) return arabic >= devanagari ? 'ar' : 'hi';
  return countMatches(text, ENGLISH_WORDS) >= MIN_ENGLISH_WORDS ? 'en' : null;
}
