import { describe, expect, it } from '@jest/globals';
import { DomainError, ERROR_STATUS, invalid, type ErrorCode } from '../kernel/domain-error.js';
import { registerBareMessages, toBareFailure, toBareStatus, isUnversioned } from './bare.js';

describe('isUnversioned', () => {
  it('is true only for paths below /api without a version', () => {
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

describe('a bare failure', () => {
  it('has one of five statuses: the same as in the versioned API if that is one of the five', () => {
    const known = [400, 401, 403, 404, 500];
    for (const [code, status] of Object.entries(ERROR_STATUS)) {
      const bare = toBareStatus(code as ErrorCode);
      expect(known).toContain(bare);
      if (known.includes(status)) expect([code, bare]).toEqual([code, status]);
      expect(bare >= 500).toBe(status >= 500);
    }
    expect([toBareStatus('RATE_LIMITED'), toBareStatus('METHOD_NOT_ALLOWED'), toBareStatus('ALREADY_EXISTS')]).toEqual([
      403, 404, 400,
    ]);
  });

  it('contains the message, with up to five invalid fields', () => {
    const both = (message: string) => ({ error: message, message });
    expect(toBareFailure(new DomainError('NOT_FOUND', 'Nothing.', { secret: 1 }))).toEqual(both('Nothing.'));
    registerBareMessages({ ALREADY_EXISTS: 'It exists' });
    expect(toBareFailure(new DomainError('ALREADY_EXISTS', 'No.'))).toEqual(both('It exists'));
    expect(toBareFailure(new DomainError('IN_USE', 'No.'))).toEqual(both('No.'));
    expect(toBareFailure(invalid({ field: 'a', error: 'is one' }, { field: 'b', error: 'is two' }))).toEqual(
      both('Some fields are not valid: a is one; b is two.'),
    );
    const many = toBareFailure(invalid(...Array.from({ length: 50 }, (_, n) => ({ field: `f${n}`, error: 'is bad' }))));
    expect(many.error.split(';')).toHaveLength(5);
    expect(toBareFailure(new DomainError('VALIDATION_ERROR', 'Too deep.', []))).toEqual(both('Too deep.'));
  });
});
