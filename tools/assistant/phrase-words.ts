import { readdirSync, readFileSync } from 'node:fs';
import { cleanWord } from '../../src/modules/ai/redaction/lexicon/word-forms.js';

const HEADING = /^\[[\w-]+\]$/u;
const WORD = /[\p{L}\p{M}\p{N}\u200D'’]+/gu;
const CAPITALIZED = /^\p{Lu}/u;
const SENTENCE_END = /(?:^|[.!?:\n]\s*|["“(-]\s*)$/u;
/** A word in capital letters within a sentence may be a name. */
const isMaybeName = (word: string, before: string): boolean => CAPITALIZED.test(word) && !SENTENCE_END.test(before);

interface Found {
  english: Set<string>;
  romanized: Set<string>;
  arabic: Set<string>;
  hindi: Set<string>;
}

/** The different words of message files, `<folder>/{en,ar,hi}*.txt`, by script. */
export function readPhraseWords(folders: readonly string[]): Record<keyof Found, string[]> {
  const found: Found = { english: new Set(), romanized: new Set(), arabic: new Set(), hindi: new Set() };
  for (const folder of folders) {
    for (const file of readdirSync(folder).filter((name) => /^(?:en|ar|hi)\d?\.txt$/u.test(name))) {
      const lines = readFileSync(`${folder}/${file}`, 'utf8').split('\n');
      for (const line of lines) if (!HEADING.test(line)) addWords(line, file.startsWith('en'), found);
    }
  }
  const sorted = (words: Set<string>): string[] => [...words].sort();
  return {
    english: sorted(found.english),
    romanized: sorted(found.romanized),
    arabic: sorted(found.arabic),
    hindi: sorted(found.hindi),
  };
}

function addWords(line: string, isEnglish: boolean, found: Found): void {
  for (const { 0: word, index } of line.matchAll(WORD)) {
    const clean = cleanWord(word);
    if (!/\p{L}/u.test(clean) || clean.length < 2 || isMaybeName(word, line.slice(0, index))) continue;
    if (/\p{Script=Arabic}/u.test(clean)) found.arabic.add(clean);
    else if (/\p{Script=Devanagari}/u.test(clean)) found.hindi.add(clean);
    else if (isEnglish && /^[a-z]+$/u.test(clean)) found.english.add(clean);
    else if (!isEnglish && /^(?=[a-z\d]*[a-z])(?:[a-z]+|[a-z]*[2356789][a-z2356789]*)$/u.test(clean))
      found.romanized.add(clean);
  }
}
