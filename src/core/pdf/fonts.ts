import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { toOpenType } from './woff.js';

/** Noto Sans, in a file for each script. A character is drawn with the first font that has it. */
const SCRIPTS = {
  latin: 'noto-sans/files/noto-sans-latin',
  latinExtended: 'noto-sans/files/noto-sans-latin-ext',
  arabic: 'noto-sans-arabic/files/noto-sans-arabic-arabic',
  devanagari: 'noto-sans/files/noto-sans-devanagari',
  cyrillic: 'noto-sans/files/noto-sans-cyrillic',
  cyrillicExtended: 'noto-sans/files/noto-sans-cyrillic-ext',
  greek: 'noto-sans/files/noto-sans-greek',
  greekExtended: 'noto-sans/files/noto-sans-greek-ext',
  vietnamese: 'noto-sans/files/noto-sans-vietnamese',
} as const;

export type Script = keyof typeof SCRIPTS;
export type Weight = 'regular' | 'bold';

export const FONT_SCRIPTS = Object.keys(SCRIPTS) as Script[];
const WEIGHTS: Record<Weight, number> = { regular: 400, bold: 700 };

const { resolve } = createRequire(import.meta.url);
const files = new Map<string, Buffer>();

/** A font file (OpenType). Each file is read once, when the first document needs it. */
export function readFont(script: Script, weight: Weight): Buffer {
  const name = `@fontsource/${SCRIPTS[script]}-${WEIGHTS[weight]}-normal.woff`;
  const known = files.get(name);
  if (known) return known;
  const file = toOpenType(readFileSync(resolve(name)));
  files.set(name, file);
  return file;
}
