import { describe, expect, it } from '@jest/globals';
import { glucoseErrors, isLow, isVeryLow } from './glucose.js';

describe('a glucose', () => {
  it('must be within the measurable range of its unit', () => {
    expect(glucoseErrors({ glucose: 5.5 })).toHaveLength(1);
    expect(glucoseErrors({ glucose: 5.5, glucoseUnit: 'MMOL_L' })).toEqual([]);
    expect(glucoseErrors({ glucose: 110 })).toEqual([]);
    expect(glucoseErrors({ glucose: null })).toEqual([]);
  });

  it.each([
    [19.9, 'MG_DL', false],
    [20, 'MG_DL', true],
    [1_500, 'MG_DL', true],
    [1_500.1, 'MG_DL', false],
    [0.9, 'MMOL_L', false],
    [1, 'MMOL_L', true],
    [85, 'MMOL_L', true],
    [85.1, 'MMOL_L', false],
    [undefined, 'MG_DL', true],
    [null, 'MMOL_L', true],
  ] as const)('of %s %s can be measured: %s', (glucose, glucoseUnit, isValid) => {
    expect(glucoseErrors({ glucose, glucoseUnit }).map(({ field }) => field)).toEqual(isValid ? [] : ['glucose']);
  });

  it('that is not known is not low', () => {
    for (const glucose of [null, undefined])
      expect([isLow({ glucose }), isVeryLow({ glucose })]).toEqual([false, false]);
  });

  it.each([
    [69.9, 'MG_DL', true, false],
    [70, 'MG_DL', false, false],
    [54, 'MG_DL', true, false],
    [53.9, 'MG_DL', true, true],
    [3.8, 'MMOL_L', true, false],
    [3.9, 'MMOL_L', false, false],
    [3, 'MMOL_L', true, false],
    [2.9, 'MMOL_L', true, true],
  ] as const)('of %s %s is low: %s, very low: %s', (glucose, glucoseUnit, low, veryLow) => {
    expect([isLow({ glucose, glucoseUnit }), isVeryLow({ glucose, glucoseUnit })]).toEqual([low, veryLow]);
  });
});
