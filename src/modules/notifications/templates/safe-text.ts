import { BIDI_CONTROLS } from '../../../core/kernel/names.js';
import type { Locale } from './locales.js';

const FIRST_STRONG_ISOLATE = '\u2068';
const POP_ISOLATE = '\u2069';
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** A text that a person wrote, with its line breaks, without control characters and direction marks. */
export const manyLines = (text: string): string =>
  text
    .replace(BIDI_CONTROLS, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .trim();

/**
 * Isolates a name, so that its direction does not change the order of the sentence around it. In left-to-right text this is done
 * only for right-to-left names, because the marks reduce the length of an SMS from 160 to 70 characters.
 */
export const isolate = (text: string, { direction }: Locale): string =>
  direction === 'rtl' || RIGHT_TO_LEFT.test(text) ? `${FIRST_STRONG_ISOLATE}${text}${POP_ISOLATE}` : text;

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** Shortens a text to a number of UTF-16 units, without cutting a grapheme. */
export function shorten(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    if (kept.length + segment.length > maxLength - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}
