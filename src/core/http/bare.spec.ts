import { describe, expect, it } from '@jest/globals';
import { DomainError, ERROR_STATUS, invalid, type ErrorCode } from '../kernel/domain-error.js';
import { bareFailureOf, bareStatusOf, isUnversioned } from './bare.js';

describe('paths', () => {
  it('below /api without a version are bare, all others are not', () => {
    for (const path of [
      '/api',
      '/api/',
      '/api/doctors',
      '/api/main',
      '/api/main/doctors/7',
      '/API/Doctors',
      '/api/v',
      '/api/v1x',
      '/api/vaults/1',
      '/api//v1',
    ])
      expect([path, isUnversioned(path)]).toEqual([path, true]);
    for (const path of [
      '/',
      '/apis',
      '/api-docs',
      '/api/v1',
      '/api/v1/',
      '/api/V2/doctors',
      '/api/v10',
      '/docs',
      '/x/api/doctors',
    ])
      expect([path, isUnversioned(path)]).toEqual([path, false]);
  });
});

describe('bare failures', () => {
  it('have one of five statuses, and that of the contract where it is one of them', () => {
    const known = [400, 401, 403, 404, 500];
    for (const [code, status] of Object.entries(ERROR_STATUS)) {
      const bare = bareStatusOf(code as ErrorCode);
      expect(known).toContain(bare);
      if (known.includes(status)) expect([code, bare]).toEqual([code, status]);
      expect(bare >= 500).toBe(status >= 500);
    }
    expect([bareStatusOf('RATE_LIMITED'), bareStatusOf('METHOD_NOT_ALLOWED'), bareStatusOf('ALREADY_EXISTS')]).toEqual([
      403, 404, 400,
    ]);
  });

  it('say the sentence, and name the fields, but not all of very many', () => {
    const both = (sentence: string) => ({ error: sentence, message: sentence });
    expect(bareFailureOf(new DomainError('NOT_FOUND', 'Nothing.', { secret: 1 }))).toEqual(both('Nothing.'));
    expect(bareFailureOf(new DomainError('INVALID_CREDENTIALS', 'No.'))).toEqual(both('Invalid credentials'));
    expect(bareFailureOf(invalid({ field: 'a', error: 'is one' }, { field: 'b', error: 'is two' }))).toEqual(
      both('Some fields are not valid: a is one; b is two.'),
    );
    const many = bareFailureOf(invalid(...Array.from({ length: 50 }, (_, n) => ({ field: `f${n}`, error: 'is bad' }))));
    expect(many.error.split(';')).toHaveLength(5);
    expect(bareFailureOf(new DomainError('VALIDATION_ERROR', 'Too deep.', []))).toEqual(both('Too deep.'));
  });
});
