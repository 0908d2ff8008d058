import type { Language } from '../stroke/index.js';

const ENGLISH_WORDS = /\b(?:the|is|are|my|how|what|when|where|can|do|does|i|you|have|please|an?|to|for)\b/giu;

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** From its letters, or from English words; null if neither shows it. */
export function languageOfText(text: string): Language | null {
  const arabic = count(text, /\p{Script=Arabic}/gu);
  const devanagari = count(text, /\p{Script=Devanagari}/gu);
  if (arabic + devanagari > 2) return arabic >= devanagari ? 'ar' : 'hi';
  return count(text, ENGLISH_WORDS) >= 2 ? 'en' : null;
}
