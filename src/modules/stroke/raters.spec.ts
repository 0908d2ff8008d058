import { describe, expect, it } from '@jest/globals';
import { ratingFaults } from './raters.js';

describe('who may rate', () => {
  const faults = (...args: Parameters<typeof ratingFaults>): string[] =>
    ratingFaults(...args).map(({ field }) => field);

  it('depends on the training that a scale needs; only a doctor may rate as a clinician', () => {
    expect(faults('CLIENT', 'SELF', { symptoms: {}, abcd2: {}, prevent: {}, cha2ds2: {}, framingham: {} })).toEqual([]);
    expect(faults('CLIENT', 'SELF', { cpss: {}, lams: {}, race: {}, nihss: {}, mrs: {} }).sort()).toEqual([
      'cpss',
      'lams',
      'mrs',
      'nihss',
      'race',
    ]);
    expect(faults('CLIENT', 'RESPONDER', { cpss: {}, lams: {}, race: {}, nihss: {}, mrs: {} })).toEqual([
      'nihss',
      'mrs',
    ]);
    for (const role of ['CLIENT', 'STAFF', 'MANAGER', 'ADMIN'] as const)
      expect(faults(role, 'CLINICIAN', { nihss: {} })).toEqual(['rater.role']);
    expect(faults('DOCTOR', 'CLINICIAN', { cpss: {}, nihss: {}, mrs: {} })).toEqual([]);
  });
});
