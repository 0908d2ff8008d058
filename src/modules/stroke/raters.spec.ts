import { describe, expect, it } from '@jest/globals';
import { ratingErrors } from './raters.js';

describe('who may rate', () => {
  const errors = (...args: Parameters<typeof ratingErrors>): string[] =>
    ratingErrors(...args).map(({ field }) => field);

  it('depends on the training that a scale needs; only a doctor may rate as a clinician', () => {
    expect(errors('CLIENT', 'SELF', { symptoms: {}, abcd2: {}, prevent: {}, cha2ds2: {}, framingham: {} })).toEqual([]);
    expect(errors('CLIENT', 'SELF', { cpss: {}, lams: {}, race: {}, nihss: {}, mrs: {} }).sort()).toEqual([
      'cpss',
      'lams',
      'mrs',
      'nihss',
      'race',
    ]);
    expect(errors('CLIENT', 'RESPONDER', { cpss: {}, lams: {}, race: {}, nihss: {}, mrs: {} })).toEqual([
      'nihss',
      'mrs',
    ]);
    for (const role of ['CLIENT', 'STAFF', 'MANAGER', 'ADMIN'] as const)
      expect(errors(role, 'CLINICIAN', { nihss: {} })).toEqual(['rater.role']);
    expect(errors('DOCTOR', 'CLINICIAN', { cpss: {}, nihss: {}, mrs: {} })).toEqual([]);
  });
});
