import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { formatModel } from '../../src/modules/ai/classifier/linear-model.js';
import {
  CORPUS,
  CORPUS_LANGUAGES,
  readDevelopment,
  readDirect,
  readReserved,
  type Phrase,
} from '../../tools/assistant/corpus.js';
import { evaluate, toFigures } from '../../tools/assistant/evaluate.js';
import { findNearDuplicates } from '../../tools/assistant/near-duplicates.js';
import { measureAgreement } from '../../tools/assistant/second-labels.js';
import { trainClassifier } from '../../tools/assistant/train-classifier.js';
import { inLongForm } from '../support/long-form.js';

const WEIGHTS = 'src/modules/ai/classifier/weights.bin';
const KINDS_OF_EMERGENCIES = 23;
/** The files of the reserved authors as they were committed before the first training. */
const RESERVED_SHA256 = 'bc77b90729f5bf77820bbc29fcccaac87cb0d30f38b38507c3ba7042253cfc9e';

const reserved = readReserved();

describe('the corpus', () => {
  it('has at least 2,500 phrases of eight authors in each language, and 15 of each kind of each reserved author', () => {
    const all = [...readDevelopment(), ...reserved];
    for (const language of CORPUS_LANGUAGES) {
      const own = all.filter((phrase) => phrase.language === language);
      expect(own.length).toBeGreaterThanOrEqual(2_500);
      expect(new Set(own.map(({ author }) => author)).size).toBeGreaterThanOrEqual(8);
      for (const kinds of countKinds(reserved.filter((phrase) => phrase.language === language))) {
        expect(Math.min(...kinds.values())).toBeGreaterThanOrEqual(15);
      }
    }
  });

  it('has second labels of a tenth', () => {
    expect(measureAgreement([...readDevelopment(), ...reserved, ...readDirect()]).kappa).toBeGreaterThan(0.9);
  });

  // Takes twenty seconds; `npm run eval:assistant` prints their number, too.
  inLongForm(it)('has no near-duplicates', () => {
    const found = findNearDuplicates([...readDevelopment(), ...reserved]);
    // The place, not the text: nobody who works on the rules may read a reserved phrase.
    expect(found.map(({ file, line }) => `${file}:${line}`)).toEqual([]);
  });

  it('has the reserved phrases that were committed before the first training', () => {
    const files = [...new Set(reserved.map(({ file }) => file))].toSorted();
    const hash = createHash('sha256');
    for (const file of files) hash.update(readFileSync(join(CORPUS, file)));
    expect(hash.digest('hex')).toBe(RESERVED_SHA256);
  });
});

describe('training', () => {
  const before = process.cwd();
  let folder: string;
  let weights: string;

  beforeAll(() => {
    weights = join(before, WEIGHTS);
    folder = mkdtempSync(join(tmpdir(), 'careslot-corpus-'));
    cpSync(join(CORPUS, 'development'), join(folder, CORPUS, 'development'), { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const whileOnlyDevelopmentExists = <T>(run: () => T): T => {
    process.chdir(folder);
    try {
      return run();
    } finally {
      process.chdir(before);
    }
  };

  it('reads only the development authors', () => {
    const texts = new Set(reserved.map(({ text }) => text));
    const phrases = whileOnlyDevelopmentExists(readDevelopment);
    expect(phrases.length).toBeGreaterThan(30_000);
    expect(phrases.filter(({ text }) => texts.has(text))).toHaveLength(0);
  });

  inLongForm(it)('makes the committed weights again, bit for bit', () => {
    const trained = whileOnlyDevelopmentExists(() => formatModel(trainClassifier(readDevelopment())));
    expect(trained.equals(readFileSync(weights))).toBe(true);
  });
});

describe('the figures of the reserved authors', () => {
  // Slightly below those in docs/ai.md. A change that lowers one of them has made the chat worse.
  it.each([
    ['en', { recall: 0.955, coverage: 0.998, selfHarm: 0.97, administrative: 0.87, besideOther: 0.98 }, 0.04],
    ['ar', { recall: 0.945, coverage: 0.998, selfHarm: 0.95, administrative: 0.82, besideOther: 0.95 }, 0.05],
    ['hi', { recall: 0.95, coverage: 0.998, selfHarm: 0.98, administrative: 0.8, besideOther: 0.97 }, 0.05],
  ] as const)('have not dropped in language %s', (language, floors, maxFalseAlarms) => {
    // With minimisers, each phrase is assessed ten times: `npm run eval:assistant` does this.
    const phrases = reserved.filter((phrase) => phrase.language === language);
    const { byKind, ...figures } = toFigures(evaluate(phrases, { minimisers: false }));
    for (const [name, floor] of Object.entries(floors)) {
      expect({ name, share: figures[name as keyof typeof floors].share >= floor }).toEqual({ name, share: true });
    }
    expect(figures.falseAlarms.share).toBeLessThanOrEqual(maxFalseAlarms);
    const emergencies = new Set(phrases.filter(({ label }) => label === 'EMERGENCY').map(({ kind }) => kind));
    for (const [kind, { share }] of byKind) {
      if (emergencies.has(kind)) expect({ kind, isOften: share >= 0.8 }).toEqual({ kind, isOften: true });
    }
  });

  it('are not much worse for direct statements, of another author who is not used for training', () => {
    const { recall, coverage, falseAlarms } = toFigures(evaluate(readDirect(), { minimisers: false }));
    expect(recall.share).toBeGreaterThanOrEqual(0.86);
    expect(coverage.share).toBeGreaterThanOrEqual(0.995);
    expect(falseAlarms.share).toBeLessThanOrEqual(0.04);
  });

  it('keep an emergency that is played down', () => {
    const some = reserved.filter((_, index) => index % 40 === 0);
    expect(evaluate(some).filter(({ withMinimisers }) => !withMinimisers)).toHaveLength(0);
  });
});

function countKinds(phrases: readonly Phrase[]): Map<string, number>[] {
  const authors = [...new Set(phrases.map(({ author }) => author))];
  return authors.map((author) => {
    const counts = new Map<string, number>();
    for (const phrase of phrases) {
      if (phrase.author === author) counts.set(phrase.kind, (counts.get(phrase.kind) ?? 0) + 1);
    }
    expect([...counts.keys()].length).toBeGreaterThan(KINDS_OF_EMERGENCIES);
    return counts;
  });
}
