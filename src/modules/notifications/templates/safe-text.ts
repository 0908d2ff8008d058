import { withoutLinks } from '../../../core/kernel/names.js';
import type { Locale } from './locales.js';

const FIRST_STRONG_ISOLATE = '\u2068';
const POP_ISOLATE = '\u2069';
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
const CONTROLS = /[\p{Cc}\u2028\u2029]+/gu;
/** Characters by which a name could change the direction of the text around it. */
const BIDI_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;

/** A name or address as one line: without line breaks, which would end a header, and without direction marks. */
export const oneLine = (text: string): string => text.replace(BIDI_CONTROLS, '').replace(CONTROLS, ' ').trim();

/** A person's name as one line in which mail programs detect no link: anybody can have typed the name. */
export const personName = (text: string): string => withoutLinks(oneLine(text));

/** A text of several lines that a person wrote. */
export const manyLines = (text: string): string =>
  text
    .replace(BIDI_CONTROLS, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .trim();

/**
 * Keeps a name's direction out of the sentence around it. In left-to-right text only where the name needs it: the
 * marks would make an SMS of 160 letters one of 70.
 */
export const isolate = (text: string, { direction }: Locale): string =>
  direction === 'rtl' || RIGHT_TO_LEFT.test(text) ? `${FIRST_STRONG_ISOLATE}${text}${POP_ISOLATE}` : text;

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** Cuts to a number of UTF-16 units, between characters as people see them. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    if (kept.length + segment.length > most - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}
