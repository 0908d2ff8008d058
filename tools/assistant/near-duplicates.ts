import { normalizeText } from '../../src/modules/ai/red-flags/normalize.js';
import type { Phrase } from './corpus.js';

const SHINGLE = 4;
/** The share of common letter groups (Jaccard) from which two messages count as the same. */
const MIN_SIMILARITY = 0.7;

/** Phrases that are nearly the same as an earlier one of the same language, also of another author. */
export function findNearDuplicates(phrases: readonly Phrase[]): Phrase[] {
  const earlier = new Map<string, number[]>();
  const sizes: number[] = [];
  return phrases.filter(({ text, language }, index) => {
    const shingles = [...toShingles(text)].map((shingle) => `${language} ${shingle}`);
    sizes[index] = shingles.length;
    const common = new Map<number, number>();
    for (const shingle of shingles) {
      const owners = earlier.get(shingle) ?? [];
      for (const owner of owners) common.set(owner, (common.get(owner) ?? 0) + 1);
    }
    const isDuplicate = [...common].some(
      ([owner, count]) => count / (shingles.length + (sizes[owner] ?? 0) - count) >= MIN_SIMILARITY,
    );
    if (!isDuplicate) {
      for (const shingle of shingles) {
        const owners = earlier.get(shingle);
        if (owners) owners.push(index);
        else earlier.set(shingle, [index]);
      }
    }
    return isDuplicate;
  });
}

function toShingles(text: string): Set<string> {
  const line = normalizeText(text).replaceAll('|', '').replace(/ +/g, ' ');
  const shingles = new Set<string>();
  for (let start = 0; start + SHINGLE <= line.length; start += 1) shingles.add(line.slice(start, start + SHINGLE));
  return shingles;
}
