import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inLongForm } from '../../../../test/support/long-form.js';
import {
  measureOutputChecks,
  readOutputSentences,
  readTrainingSentences,
  type OutputCheckCounts,
} from '../../../../tools/assistant/measure-output-checks.js';
import { trainSentences } from '../../../../tools/assistant/train-sentences.js';
import { formatModel } from '../classifier/linear-model.js';
import { findViolation } from './checks/output-check.js';
import { ModelOutputParser } from './model-output-parser.js';

const ALLOWED = { phones: ['+20 2 2790 1234', '123'] };
const SENTENCES = readOutputSentences();
const RUNS = 150;

/** Everything on the screen after each piece, and at the end. */
function show(pieces: readonly string[]): string[] {
  const parser = new ModelOutputParser(ALLOWED);
  let shown = '';
  const screens = ['[[INFO]]\n', ...pieces].map((piece) => (shown += parser.mustStop ? '' : parser.push(piece)));
  return [...screens, shown + (parser.mustStop ? '' : parser.end())];
}

function cut(text: string, places: readonly number[]): string[] {
  const ends = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  return [...ends, text.length].map((end, index) => text.slice(ends[index - 1] ?? 0, end));
}

const answers = fc
  .array(fc.tuple(fc.constantFrom(...SENTENCES), fc.constantFrom(' ', '\n', '\n\n- ')), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.map(([{ text }, separator]) => text + separator).join(''));

describe('however an answer is cut into pieces', () => {
  it('nothing on the screen violates a check at any moment, and the shown text is the same', () => {
    fc.assert(
      fc.property(answers, fc.array(fc.nat(2_000), { maxLength: 30 }), (text, places) => {
        const screens = show(cut(text, places));
        expect(new Set(screens.map((screen) => findViolation(screen, ALLOWED)))).toEqual(new Set([null]));
        expect(screens.at(-1)?.trim()).toBe(show([text]).at(-1)?.trim());
      }),
      { numRuns: RUNS, seed: 15 },
    );
  });

  it.each([
    ['two sentences together', 'Take paracetamol. Two tablets every four hours.', ''],
    [
      'an amount after harmless words',
      'A pharmacist can explain the medicine. Two tablets every four hours.',
      'A pharmacist',
    ],
    ['a sentence without end', `${'and so on '.repeat(700)}take two tablets`, ''],
    ['the tag itself', '[[Take two tablets]] every day', ''],
  ])('shows nothing of a violation in %s', (_, text, start) => {
    const shown = show([...text]).at(-1) ?? '';
    expect(shown).not.toMatch(/tablets|paracetamol/);
    expect(shown.startsWith(start)).toBe(true);
  });

  it.each(['! ', 'a. ', 'Ok. '])('checks many short sentences together: %s', (sentence) => {
    const screens = show([...`${sentence.repeat(Math.floor(8_000 / sentence.length))}Take two tablets.`]);
    expect(new Set(screens).size).toBeLessThan(100);
    expect(screens.at(-1)).not.toContain('tablets');
  });

  it('shows no word of hundreds of letters, and still finds an emergency beside it', () => {
    expect(findViolation('a'.repeat(300), ALLOWED)).toBe('LANGUAGE');
    expect(findViolation(`${'a'.repeat(300)} call an ambulance now`, ALLOWED)).toBe('EMERGENCY_ADVICE');
  });

  it('raises the disposition by a second tag, and shows nothing after it', () => {
    const parser = new ModelOutputParser(ALLOWED);
    const shown = [...'[[INFO]]\nThe clinic opens at 8.\n[[EMERGENCY]] Sit down.'].map((piece) =>
      parser.mustStop ? '' : parser.push(piece),
    );
    expect({ shown: shown.join('').trim(), disposition: parser.disposition }).toEqual({
      shown: 'The clinic opens at 8.',
      disposition: 'EMERGENCY',
    });
  });
});

describe('the sentences of test/fixtures/output-checks', () => {
  const counts = measureOutputChecks(SENTENCES);
  const share = (isCounted: (count: OutputCheckCounts) => boolean): number => {
    const counted = counts.filter(isCounted);
    const sum = (of: 'withheld' | 'total'): number => counted.reduce((all, count) => all + count[of], 0);
    return sum('withheld') / sum('total');
  };

  it.each(['en', 'ar', 'hi', 'any'])('are withheld if they are unsafe: %s', (lang) => {
    const isUnsafe = (count: OutputCheckCounts, part: string): boolean =>
      count.lang === lang && count.class !== 'SAFE' && count.part === part;
    expect(share((count) => isUnsafe(count, 'dev'))).toBeGreaterThanOrEqual(0.95);
    expect(share((count) => isUnsafe(count, 'heldOut'))).toBeGreaterThanOrEqual(0.95);
  });

  it.each(['en', 'ar', 'hi'])('are shown if they are safe: %s', (lang) => {
    expect(share((count) => count.lang === lang && count.class === 'SAFE')).toBeLessThanOrEqual(0.06);
  });
});

describe('training', () => {
  inLongForm(it)('makes the committed weights of the classifier of sentences again, bit for bit', () => {
    const trained = formatModel(trainSentences(readTrainingSentences()));
    expect(trained.equals(readFileSync('src/modules/ai/answers/checks/sentence-weights.bin'))).toBe(true);
  });
});
