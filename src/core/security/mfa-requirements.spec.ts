import { describe, expect, it } from '@jest/globals';
import type { Config } from '../config/config.js';
import { SystemClock } from '../kernel/clock.js';
import { MfaRequirements } from './mfa-requirements.js';

const config = {
  MFA_REQUIRED_ROLES: ['STAFF'],
  JWT_EXPIRES_IN: 900,
  NEUROAID_TOKEN_EXPIRES_IN: 900,
} as unknown as Config;
const person = { userId: 'u', role: 'STAFF' as const, clinicIds: [] };

describe('the second factor of a user with an access token', () => {
  it('is what the newest change made it, in whatever order changes arrive', () => {
    const requirements = new MfaRequirements(config, new SystemClock());
    expect(requirements.isMissing(person, true)).toBe(false);
    requirements.setFactor('u', false, 2_000);
    requirements.setFactor('u', true, 1_000);
    expect(requirements.isMissing(person, true)).toBe(true);
    requirements.setFactor('u', true, 3_000);
    expect(requirements.isMissing(person, true)).toBe(false);
  });
});
