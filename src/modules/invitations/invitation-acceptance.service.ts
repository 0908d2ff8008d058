import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { invalid } from '../../core/kernel/domain-error.js';
import { invalidLink } from '../auth/index.js';
import { InvitedAccounts, Passwords } from '../users/index.js';
import { verifyAddressFirst } from './invitations.errors.js';
import { InvitationsService } from './invitations.service.js';
import type { Invitee } from './invitations.repository.js';
import { OpenInvitations, type OpenInvitation } from './open-invitations.js';

interface Acceptance {
  token: string;
  password: string;
  dateOfBirth?: string;
  email?: string;
}

const JOINING_ROLES: readonly string[] = ['STAFF', 'DOCTOR'];

/** Accepts invitations: sets the password of an account that has none, or adds a clinic to an account. */
@Injectable()
export class InvitationAcceptance {
  constructor(
    private readonly db: Database,
    private readonly openInvitations: OpenInvitations,
    private readonly invitations: InvitationsService,
    private readonly accounts: InvitedAccounts,
    private readonly passwords: Passwords,
  ) {}

  find(token: string): Promise<OpenInvitation | null> {
    return this.openInvitations.find(token);
  }

  /**
   * Sets the first password and verifies the address that the invitation was sent to. An invitation to join another clinic also
   * adds the clinic, if the person never chose a password.
   * @returns the user's id
   * @throws DomainError VALIDATION_ERROR, EMAIL_TAKEN; EMAIL_NOT_VERIFIED after an invitation by SMS, when another one was mailed
   */
  async activate(request: Acceptance): Promise<string> {
    const found = await this.openInvitations.find(request.token);
    if (!found || needsSignIn(found)) throw invalidLink();
    await this.openInvitations.checkBirthDate(request.token, request.dateOfBirth);
    const { email } = found.link;
    if (email === null) return this.inviteByMail(request);
    const { firstName, lastName } = found.invitee;
    this.passwords.assertStrong(request.password, { firstName, lastName, email });
    const hash = await this.passwords.hash(request.password);
    return this.db.transaction(async () => {
      const locked = await this.openInvitations.lock(request.token);
      const { userId, dateOfBirth } = locked.invitee;
      if (needsSignIn(locked) || (dateOfBirth && dateOfBirth !== request.dateOfBirth)) throw invalidLink();
      await this.openInvitations.use(locked);
      if (!(await this.accounts.activate(userId, hash, email))) throw invalidLink();
      if (locked.invitation.joinsClinic) await this.addClinic(locked);
      return userId;
    });
  }

  /**
   * Adds the clinic to the account of a person who works elsewhere and has proven who they are. Nothing else of the account changes.
   * @param assertMay is called after the account was locked
   */
  async join(token: string, assertMay: (invitee: Invitee) => Promise<void> = allow): Promise<string> {
    return this.db.transaction(async () => {
      const locked = await this.openInvitations.lock(token);
      if (!needsSignIn(locked)) throw invalidLink();
      await assertMay(locked.invitee);
      await this.openInvitations.use(locked);
      await this.addClinic(locked);
      return locked.invitee.userId;
    });
  }

  private async addClinic({ invitation: { clinicId }, invitee }: OpenInvitation): Promise<void> {
    // Not after the person became a manager: the clinic asked for a member of its staff.
    if (!clinicId || !JOINING_ROLES.includes(invitee.role)) throw invalidLink();
    await this.accounts.joinClinic(invitee.userId, clinicId);
  }

  /** The patient chooses an address. It must be verified by another link before anything is shown. */
  private async inviteByMail({ token, email }: Acceptance): Promise<never> {
    if (email === undefined) throw invalid({ field: 'email', error: 'is required' });
    await this.db.transaction(async () => {
      const { link, invitation, invitee } = await this.openInvitations.lock(token);
      const { clinicId } = invitation;
      // The link of the SMS keeps working, in case the address was mistyped. It was sent to the telephone number of the record.
      await this.invitations.invite(invitee.userId, { clinicId, wasRequested: true, email, keptId: link.id });
    });
    throw verifyAddressFirst();
  }
}

/** Whether the owner of the account must prove who they are, because somebody signs in with it. */
export const needsSignIn = ({ invitation, invitee }: OpenInvitation): boolean =>
  invitation.joinsClinic && invitee.canSignIn;

const allow = (): Promise<void> => Promise.resolve();
