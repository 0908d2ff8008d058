import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { formatModel } from '../../src/modules/ai/classifier/linear-model.js';
import { readDevelopment } from '../../tools/assistant/corpus.js';
import { countMaskedWords } from '../../tools/assistant/masked-words.js';
import {
  DEVELOPMENT_FILES,
  measureRedaction,
  readPlanted,
  sumCounts,
  type Count,
} from '../../tools/assistant/measure-redaction.js';
import { trainTagger } from '../../tools/assistant/train-tagger.js';
import { measureCpuSeconds } from '../support/cpu-time.js';
import { inLongForm } from '../support/long-form.js';

/** The rules were improved with these messages, and the tagger is trained with them. */
const planted = DEVELOPMENT_FILES.flatMap(readPlanted);
const measure = measureRedaction(planted);

const getShare = ({ good, total }: Count): number => good / total;

/** Phrases of another author. Nobody has chosen the vocabulary for them, so they show how many ordinary words are masked. */
const readPhrases = (language: string): string[] => {
  const { dev } = JSON.parse(readFileSync(`test/fixtures/red-flags/${language}.json`, 'utf8')) as {
    dev: Record<string, string[]>;
  };
  return Object.values(dev).flat();
};

describe('messages with planted data', () => {
  it.each([
    ['NAME', 0.96],
    ['ADDRESS', 0.97],
    ['ID', 0.99],
    ['DATE', 0.95],
    ['PHONE', 1],
    ['EMAIL', 0.94],
  ])('lose nearly every %s', (kind, floor) => {
    const failures = measure.failures.filter((failure) => failure.kind === kind);
    expect({ failures, isAboveFloor: getShare(sumCounts(measure.removed[kind])) >= floor }).toEqual({
      failures,
      isAboveFloor: true,
    });
  });

  it('keep nearly every clinical value', () => {
    const failures = measure.failures.filter(({ kind }) => kind === 'KEEP');
    expect({ failures, isAboveFloor: getShare(sumCounts(measure.kept)) >= 0.985 }).toEqual({
      failures,
      isAboveFloor: true,
    });
  });

  it('are counted as not redacted if a word is left', () => {
    const text = 'my neighbour wants to know the opening hours';
    const { removed, kept, failures } = measureRedaction([
      { lang: 'en', text, secrets: [{ kind: 'NAME', value: 'opening hours' }], keep: ['closing hours'] },
    ]);
    expect(removed).toEqual({ NAME: { en: { total: 1, good: 0 } } });
    expect(kept).toEqual({ en: { total: 1, good: 0 } });
    expect(failures.map(({ value }) => value)).toEqual(['opening hours', 'closing hours']);
  });

  it('take less than 10 ms of CPU time each, with the lexicon', () => {
    const seconds = measureCpuSeconds(() => measureRedaction(planted));
    expect(seconds / planted.length < 0.01).toBe(true);
  });
});

describe('training', () => {
  inLongForm(it)('makes the committed weights of the tagger again, bit for bit', () => {
    const ordinary = readDevelopment().map(({ text }) => text);
    const trained = formatModel(trainTagger(planted, ordinary));
    expect(trained.equals(readFileSync('src/modules/ai/redaction/tagger/tagger-weights.bin'))).toBe(true);
  });
});

describe('the words of phrases without personal data', () => {
  it.each([
    ['en', 0.01],
    ['ar', 0.02],
    ['hi', 0.015],
  ])('stay, but for a few: %s', (language, limit) => {
    const { words, masked, examples } = countMaskedWords(readPhrases(language));
    expect({ examples, isWithinLimit: masked / words <= limit }).toEqual({ examples, isWithinLimit: true });
  });
});
