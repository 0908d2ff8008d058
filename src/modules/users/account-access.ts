import { Injectable } from '@nestjs/common';
import type { Role } from '../../core/kernel/actor.js';
import { LiveSessions } from '../../core/security/live-sessions.js';
import { AccountLinksService, type AccountMessageKind } from '../account-links/index.js';
import { AccountAccessRepository } from './account-access.repository.js';
import type { User } from './user.entity.js';
import { UserClinicsRepository } from './user-clinics.repository.js';
import { UsersRepository } from './users.repository.js';

/** More ids could exceed the 8000 bytes of a PostgreSQL notification. */
const MAX_ANNOUNCED_AT_ONCE = 150;

/**
 * Ends the ways into an account: sessions with their sockets, open links, identities, the second factor. Tells its owner what changed.
 * Methods that write run in the caller's transaction.
 */
@Injectable()
export class AccountAccess {
  constructor(
    private readonly repository: AccountAccessRepository,
    private readonly users: UsersRepository,
    private readonly clinics: UserClinicsRepository,
    private readonly sessions: LiveSessions,
    private readonly links: AccountLinksService,
  ) {}

  /**
   * Ends the sessions of a user at once, and makes links to reset the password or change the address unusable. Call it after the
   * account was saved.
   */
  async endSessions(userId: string, reason: string, exceptSession: string | null = null): Promise<void> {
    const ended = await this.repository.endSessions(userId, reason, exceptSession);
    await this.sessions.announceUserChanged(userId);
    await this.links.revokeAll(userId, 'PASSWORD_RESET', 'EMAIL_CHANGE', 'EMAIL_CHANGE_STOP');
    for (let from = 0; from < ended.length; from += MAX_ANNOUNCED_AT_ONCE) {
      await this.sessions.announceEnded(ended.slice(from, from + MAX_ANNOUNCED_AT_ONCE));
    }
  }

  /**
   * Ends the sessions like `endSessions`, and all memberships of clinics, which access tokens in use lose at once. The caller then saves
   * a new version of the account.
   */
  async endSessionsAndMemberships(userId: string, reason: string): Promise<void> {
    await this.endSessions(userId, reason);
    await this.clinics.setClinics(userId, []);
    const { version } = await this.clinics.getClinics(userId);
    await this.sessions.announceClinics(userId, [], version + 1);
  }

  /** Removes the identities at providers of a locked user, whom the caller saves. */
  async removeIdentities(user: User): Promise<void> {
    user.hasIdentity = false;
    await this.repository.removeIdentities(user.id);
  }

  /** Removes the second factor with its recovery codes, and tells all processes. @returns whether it was switched on */
  async removeSecondFactor(userId: string): Promise<boolean> {
    const wasEnabled = await this.repository.removeSecondFactor(userId);
    if (wasEnabled) await this.announceFactor(userId, false);
    return wasEnabled;
  }

  /** Revokes the link of a change of address that was asked for in this session: somebody else may have used the session. */
  async revokeEmailChange(userId: string, sessionId: string): Promise<void> {
    await this.links.revokeOfSession(userId, sessionId, 'EMAIL_CHANGE');
  }

  /** Tells all processes whether the user has a second factor now. */
  async announceFactor(userId: string, isEnabled: boolean): Promise<void> {
    await this.sessions.announceFactor(userId, isEnabled, await this.repository.findFactorChange(userId));
  }

  /** Whether another administrator can sign in. Also locks the administrators until the transaction ends. */
  hasOtherAdministrator(id: string): Promise<boolean> {
    return this.repository.hasOtherAdministrator(id);
  }

  /** Gives access tokens that are in use another patient record at once. @param user with the saved version */
  announceClient({ id, version }: Pick<User, 'id' | 'version'>, clientId: string): Promise<void> {
    return this.sessions.announceClient(id, clientId, version);
  }

  /** Sends the owner of an account a mail without a link, but not to a patient's unverified address. */
  async notifyOwner(userId: string, kind: AccountMessageKind): Promise<void> {
    const user = await this.users.find(userId);
    if (user?.email && mayGetNotices(user.role, user.emailVerified)) await this.links.notify(userId, user.email, kind);
  }

  /** Sends a notice, but not to a patient's unverified address. */
  async notify(user: Addressed, kind: AccountMessageKind): Promise<void> {
    const email = getNotifiedAddress(user);
    if (email) await this.links.notify(user.id, email, kind);
  }
}

/** @returns the address for notices; null for a patient's unverified address, which may belong to somebody else */
export const getNotifiedAddress = ({ email, role, emailVerifiedAt }: Addressed): string | null =>
  mayGetNotices(role, emailVerifiedAt !== null) ? email : null;

const mayGetNotices = (role: Role, isVerified: boolean): boolean => role !== 'CLIENT' || isVerified;

type Addressed = Pick<User, 'id' | 'email' | 'role' | 'emailVerifiedAt'>;
