import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Clock } from '../../core/kernel/clock.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { AccountAccess } from './account-access.js';
import { Passwords } from './passwords.js';
import type { User } from './user.entity.js';
import { emailTaken } from './users.errors.js';
import { UsersRepository } from './users.repository.js';

interface PasswordChange {
  userId: string;
  hash: string;
  /** The hash that the caller has checked. */
  previousHash: string;
  /** The session that stays open. */
  sessionId: string;
}

/**
 * Changes what an account signs in with: its password, its address and its identities at providers. Ends sessions and open links, and
 * tells the owner. All methods that write must run in a transaction.
 */
@Injectable()
export class CredentialsService {
  constructor(
    private readonly users: UsersRepository,
    private readonly passwords: Passwords,
    private readonly access: AccountAccess,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  /** Hashes a new password of a user. @throws DomainError VALIDATION_ERROR if it is too easy to guess */
  async hashNewPassword(userId: string, password: string, field = 'password'): Promise<string> {
    const user = await this.users.find(userId);
    if (!user) throw notFound();
    this.passwords.assertStrong(password, user, field);
    return this.passwords.hash(password);
  }

  /** Locks an account until the transaction ends. @returns null if it was deleted */
  async lock(userId: string): Promise<User | null> {
    const user = await this.users.lock(userId);
    return user && !user.deletedAt ? user : null;
  }

  /**
   * Replaces the hash of a password, and ends the other sessions of the user.
   * @returns false if the password was changed in the meantime
   */
  async changePassword({ userId, hash, previousHash, sessionId }: PasswordChange): Promise<boolean> {
    const user = await this.lock(userId);
    if (!user || !(await this.users.setPasswordHash(userId, hash, previousHash))) return false;
    await this.access.endSessions(userId, 'password changed', sessionId);
    await this.recordPasswordChange(user, 'user.password-changed');
    return true;
  }

  /**
   * Sets the password of a locked account after the link in a mail was used. This verifies the address. If that of a patient was not
   * verified, somebody else may have registered with it: the account then loses its identities at providers and its second factor. An
   * account of staff was made for its address, and keeps them. Ends all sessions.
   */
  async resetPassword(user: User, passwordHash: string): Promise<void> {
    const wasVerified = user.emailVerifiedAt !== null;
    if (!wasVerified && user.role === 'CLIENT') {
      if (user.hasIdentity) await this.access.removeIdentities(user);
      await this.removeSecondFactor(user);
    }
    user.passwordHash = passwordHash;
    user.emailVerifiedAt ??= this.now();
    await this.save(user);
    await this.access.endSessions(user.id, 'password reset');
    await this.recordPasswordChange(user, 'user.password-reset');
    if (!wasVerified) await this.record(user, 'user.email-verified', { by: 'reset link' });
  }

  /**
   * Gives a locked account an address that was verified. Ends all sessions but one, and tells the old address.
   * @throws DomainError EMAIL_TAKEN if another account has it
   */
  async replaceEmail(user: User, email: string, exceptSession: string | null): Promise<void> {
    // A constraint error would write the address to PostgreSQL's log.
    if (await this.users.findOwner(email)) throw emailTaken();
    const before = { ...user };
    user.email = email;
    user.emailVerifiedAt = this.now();
    await this.save(user);
    await this.access.endSessions(user.id, 'address changed', exceptSession);
    await this.record(user, 'user.email-changed', { by: 'link' });
    await this.access.notify(before, 'EMAIL_CHANGED');
  }

  /** Ends all sessions, because the owner of the address stopped a change of it: somebody else had a session. */
  async stopEmailChange(userId: string): Promise<void> {
    await this.access.endSessions(userId, 'change of address stopped');
  }

  async hasPassword(userId: string): Promise<boolean> {
    return (await this.users.findPasswordHash(userId)) !== null;
  }

  /** Records that a locked account has an identity now, and that its address is verified, by the provider. Tells the owner. */
  async addIdentity(user: User): Promise<void> {
    const wasVerified = user.emailVerifiedAt !== null;
    user.hasIdentity = true;
    user.emailVerifiedAt ??= this.now();
    await this.save(user);
    if (!wasVerified) await this.record(user, 'user.email-verified', { by: 'identity provider' });
    await this.access.notify(user, 'IDENTITY_LINKED');
  }

  /** Records that a locked account has lost an identity. Ends the other sessions of the user, and tells them. */
  async removeIdentity(
    user: User,
    { hasOthers, exceptSession }: { hasOthers: boolean; exceptSession: string },
  ): Promise<void> {
    user.hasIdentity = hasOthers;
    await this.save(user);
    await this.access.endSessions(user.id, 'identity removed', exceptSession);
    await this.access.notify(user, 'IDENTITY_REMOVED');
  }

  private async removeSecondFactor(user: User): Promise<void> {
    if (await this.access.removeSecondFactor(user.id)) await this.record(user, 'user.mfa-reset', { by: 'reset link' });
  }

  private async recordPasswordChange(user: User, action: string): Promise<void> {
    await this.record(user, action);
    await this.access.notify(user, 'PASSWORD_CHANGED');
  }

  private record({ id, role }: User, action: string, changes?: Record<string, unknown>): Promise<void> {
    const actor = { userId: id, role };
    return this.changes.record({ action, objectType: 'user', objectId: id, actor, changes, event: null });
  }

  private async save(user: User): Promise<void> {
    await this.users.saveNewVersion(user, this.now());
  }

  private now(): Date {
    return new Date(this.clock.now());
  }
}
