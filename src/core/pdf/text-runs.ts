import createBidi, { type Bidi } from 'bidi-js';

// Its types describe a module with a default export, but it is a CommonJS module that is the function.
const bidi = (createBidi as unknown as () => Bidi)();
/** Could change the order of the text around them. The joiners (U+200C, U+200D) stay: they decide how letters connect. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]+/gu;
/** Characters that are drawn with the font of the text before them, if it has them. */
const STAYS = /^[\p{M}\p{Z}\p{P}\p{Nd}\u200C\u200D]$/u;
const HAS_STRONG_RTL = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u;

/** The shaper takes them for right-to-left, but numbers run from left to right. */
const ARABIC_DIGITS = /[\u0660-\u0669\u06F0-\u06F9]/u;

export type Direction = 'ltr' | 'rtl' | 'auto';

/** A part of a line that is shaped as a whole, with one font. */
export interface TextRun<Font> {
  text: string;
  font: Font;
}

/** Without line breaks and characters that control the direction. */
export const toPlainLine = (text: string): string => text.replace(CONTROLS, ' ');

/**
 * Splits a line into runs from left to right, by the Unicode Bidirectional Algorithm (UAX #9). The shaper itself reverses the letters
 * of a run in a right-to-left script.
 * @param base `auto`: the direction of the first letter
 * @param findFont the font of a character, given that of the character before it
 */
export function toVisualRuns<Font>(
  line: string,
  base: Direction,
  findFont: (character: string, current: Font | null) => Font,
): TextRun<Font>[] {
  const text = toPlainLine(line);
  const embedding = bidi.getEmbeddingLevels(text, base);
  const mirrored = bidi.getMirroredCharactersMap(text, embedding.levels);
  const runs: (TextRun<Font> & { level: number })[] = [];
  let index = 0;
  for (const character of text) {
    const level = embedding.levels[index] ?? 0;
    const last = runs.at(-1);
    const font = last && STAYS.test(character) ? findFont(character, last.font) : findFont(character, null);
    const shown = mirrored.get(index) ?? character;
    if (last && last.level === level && last.font === font) last.text += shown;
    else runs.push({ text: shown, font, level });
    index += character.length;
  }
  return reorder(runs).map(({ text: part, font, level }) => {
    const isReversedByShaper = HAS_STRONG_RTL.test(part) || ARABIC_DIGITS.test(part);
    return { text: isReversedByShaper === (level % 2 === 1) ? part : [...part].reverse().join(''), font };
  });
}

/** Rule L2: from the highest level to the lowest odd one, reverses every sequence of runs at this level or above. */
function reorder<Run extends { level: number }>(runs: Run[]): Run[] {
  const visual = [...runs];
  const highest = Math.max(0, ...runs.map(({ level }) => level));
  for (let level = highest; level > 0; level -= 1) {
    for (let start = 0; start < visual.length; start += 1) {
      if ((visual[start]?.level ?? 0) < level) continue;
      let end = start;
      while ((visual[end]?.level ?? 0) >= level) end += 1;
      visual.splice(start, end - start, ...visual.slice(start, end).reverse());
      start = end;
    }
  }
  return visual;
}

/**
 * Breaks a text into lines at spaces; a word that is too long, between characters.
 * @param fits whether a text fits into a line
 */
export function breakLines(text: string, fits: (line: string) => boolean): string[] {
  const words = toPlainLine(text).split(/\s+/u).filter(Boolean);
  // Measuring is what takes the time of a document: most texts fit, and are measured once.
  const whole = words.join(' ');
  if (fits(whole)) return [whole];
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    const longer = line ? `${line} ${word}` : word;
    if (fits(longer)) {
      line = longer;
      continue;
    }
    if (line) lines.push(line);
    line = '';
    for (const { segment } of GRAPHEMES.segment(word)) {
      if (line && !fits(line + segment)) {
        lines.push(line);
        line = '';
      }
      line += segment;
    }
  }
  return line || lines.length === 0 ? [...lines, line] : lines;
}

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
