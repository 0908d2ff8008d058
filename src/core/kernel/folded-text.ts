import { plainText } from './plain-text.js';

/** Accents, Arabic vowel signs, and the line that stretches Arabic words. */
const MARKS = /[\u0300-\u036f\u064b-\u0652\u0640]/g;

/** A text in a form in which its spellings are equal: without case, accents, variants of Arabic letters, and punctuation. */
export const foldText = (text: string): string =>
  plainText(text)
    .toLowerCase()
    .normalize('NFD')
    .replace(MARKS, '')
    .normalize('NFC')
    .replace(/[أإآٱ]/g, 'ا')
    .replace(/[ىی]/g, 'ي')
    .replace(/ک/g, 'ك')
    .replace(/ة/g, 'ه')
    .replace(/[\p{P}\p{S}\s]+/gu, ' ')
    .trim();

/** A folded name. The order of its words counts: Mohamed Ahmed and Ahmed Mohamed are two people. */
export const nameKey = (...names: (string | null)[]): string => foldText(names.filter(Boolean).join(' '));
