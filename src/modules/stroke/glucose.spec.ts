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
