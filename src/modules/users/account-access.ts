import { Injectable } from '@nestjs/common';
import type { Actor, Role } from '../../core/kernel/actor.js';
import { LiveSessions } from '../../core/security/live-sessions.js';
import type { ClinicMfaPolicy } from '../../core/security/mfa-requirements.js';
import { AccountLinksService, type AccountMessageKind } from '../account-links/index.js';
import type { User } from './user.entity.js';
import { UsersRepository } from './users.repository.js';

/**
 * Ends what a person has at a clinic that they leave, before their account is locked, in the caller's transaction.
 * @returns whether access tokens in use contain something that ends, such as the doctor's id, so that the sessions must end
 */
export type EndWorkAtClinic = (actor: Actor, userId: string, clinicId: string) => Promise<boolean>;

/** More ids could exceed the 8000 bytes of a PostgreSQL notification. */
const MAX_ANNOUNCED_AT_ONCE = 150;

/** Ends the ways into an account: sessions with their sockets, and open links. Tells the owner about it. */
@Injectable()
export class AccountAccess {
  private readonly workAtClinics: EndWorkAtClinic[] = [];

  constructor(
    private readonly users: UsersRepository,
    private readonly sessions: LiveSessions,
    private readonly links: AccountLinksService,
  ) {}

  /**
   * Ends the sessions of a user at once, and makes links to reset the password or change the address unusable. Call it after the
   * account was saved.
   */
  async end(userId: string, reason: string, exceptSession: string | null = null): Promise<void> {
    const ended = await this.users.endSessions(userId, reason, exceptSession);
    await this.sessions.announceUserChanged(userId);
    await this.links.revokeAll(userId, 'PASSWORD_RESET', 'EMAIL_CHANGE', 'EMAIL_CHANGE_STOP');
    for (let from = 0; from < ended.length; from += MAX_ANNOUNCED_AT_ONCE) {
      await this.sessions.announceEnded(ended.slice(from, from + MAX_ANNOUNCED_AT_ONCE));
    }
  }

  /** Removes the second factor with its recovery codes, and tells all processes. @returns whether it was switched on */
  async removeSecondFactor(userId: string): Promise<boolean> {
    const wasEnabled = await this.users.removeSecondFactor(userId);
    if (wasEnabled) await this.sessions.announceFactor(userId, false);
    return wasEnabled;
  }

  /** Revokes the link of a change of address that was asked for in this session: somebody else may have used the session. */
  async stopEmailChangeOf(userId: string, sessionId: string): Promise<void> {
    await this.links.revokeOfSession(userId, sessionId, 'EMAIL_CHANGE');
  }

  /** Registers what another feature ends when a person leaves a clinic. */
  onLeavingClinic(end: EndWorkAtClinic): void {
    this.workAtClinics.push(end);
  }

  /** Call it before the account is locked. @returns whether the sessions of the person must end */
  async leaveClinics(actor: Actor, userId: string, clinicIds: readonly string[]): Promise<boolean> {
    let endsSessions = false;
    for (const clinicId of clinicIds)
      for (const end of this.workAtClinics) if (await end(actor, userId, clinicId)) endsSessions = true;
    return endsSessions;
  }

  /** Makes the invitations to join these clinics unusable and, if the person has no clinic left, those to choose a password. */
  async revokeInvitations(
    userId: string,
    leftClinicIds: readonly string[],
    hasClinics: boolean,
    now: Date,
  ): Promise<void> {
    await this.users.revokeInvitations(userId, leftClinicIds, hasClinics, now);
  }

  /** Gives access tokens that are in use the new clinics at once. */
  announceClinics(userId: string, clinicIds: string[]): Promise<void> {
    return this.sessions.announceClinics(userId, clinicIds);
  }

  /** Tells all processes which people of a clinic must have a second factor. */
  announceMfaPolicy(policy: ClinicMfaPolicy): Promise<void> {
    return this.sessions.announceMfaPolicy(policy);
  }

  /** Tells all processes that a clinic was deleted, where API keys must not work any more. */
  announceClinicDeleted(): Promise<void> {
    return this.sessions.announceReload();
  }

  /** Gives access tokens that are in use another patient record at once. */
  announceClient(userId: string, clientId: string): Promise<void> {
    return this.sessions.announceClient(userId, clientId);
  }

  /** Sends a notice to the address of an account, but not to a patient's unverified address. */
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
