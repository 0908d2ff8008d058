import { describe, expect, it } from '@jest/globals';
import type { Actor, Role } from '../../core/kernel/actor.js';
import { mayDeleteUser, mayManageUser, maySeeUser } from './user.policy.js';

const actor = (role: Role, clinicIds: string[] = [], userId = 'me'): Actor => ({
  userId,
  sessionId: 's',
  role,
  clientId: null,
  doctorId: null,
  clinicIds,
});
const user = (role: Role, clinicIds: string[] = [], id = 'other') => ({ id, role, clinicIds });

describe('the policy of accounts', () => {
  it('lets users see their own account, and otherwise only those who manage the account', () => {
    expect(maySeeUser(actor('CLIENT'), user('CLIENT', [], 'me'))).toBe(true);
    for (const role of ['CLIENT', 'DOCTOR', 'STAFF'] as const) {
      expect(maySeeUser(actor(role, ['a']), user('CLIENT', ['a']))).toBe(false);
    }
    expect(maySeeUser(actor('ADMIN'), user('MANAGER', ['a']))).toBe(true);
  });

  it('lets a MANAGER manage the people of their clinics, except MANAGERs and ADMINs', () => {
    const manager = actor('MANAGER', ['a']);
    expect(mayManageUser(manager, user('STAFF', ['a', 'b']))).toBe(true);
    expect(mayManageUser(manager, user('STAFF', ['b']))).toBe(false);
    expect(mayManageUser(manager, user('CLIENT'))).toBe(false);
    for (const role of ['MANAGER', 'ADMIN'] as const) expect(mayManageUser(manager, user(role, ['a']))).toBe(false);
  });

  it('lets a MANAGER delete an account only if it belongs to no other clinic, and nobody their own', () => {
    const manager = actor('MANAGER', ['a']);
    expect(mayDeleteUser(manager, user('STAFF', ['a']))).toBe(true);
    expect(mayDeleteUser(manager, user('STAFF', ['a', 'b']))).toBe(false);
    expect(mayDeleteUser(actor('ADMIN'), user('STAFF', ['a', 'b']))).toBe(true);
    expect(mayDeleteUser(actor('ADMIN'), user('ADMIN', [], 'me'))).toBe(false);
  });
});
