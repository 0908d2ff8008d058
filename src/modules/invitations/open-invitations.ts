import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { invalid } from '../../core/kernel/domain-error.js';
import { AccountLinksService, AccountLinkTokens, type AccountLink } from '../account-links/index.js';
import { invalidLink } from '../auth/index.js';
import type { Invitation } from './invitation.entity.js';
import { InvitationsRepository, type Invitee } from './invitations.repository.js';

export interface OpenInvitation {
  link: AccountLink;
  invitation: Invitation;
  invitee: Invitee;
}

const MAX_WRONG_BIRTH_DATES = 5;

/** Invitations that can be used: not used, revoked or expired, and the person still has the address that it was sent to. */
@Injectable()
export class OpenInvitations {
  constructor(
    private readonly db: Database,
    private readonly tokens: AccountLinkTokens,
    private readonly links: AccountLinksService,
    private readonly invitations: InvitationsRepository,
    private readonly changes: ChangeLog,
  ) {}

  /** @returns null if the token is not one of an invitation that can be used */
  find(token: string): Promise<OpenInvitation | null> {
    return this.read(token, (userId) => this.invitations.findInvitee(userId));
  }

  /** Also locks the account until the transaction ends. @throws DomainError VALIDATION_ERROR */
  async lock(token: string): Promise<OpenInvitation> {
    const open = await this.read(token, (userId) => this.invitations.lockInvitee(userId));
    // Read again: another request may have used or revoked it while this one waited for the lock.
    if (!open || !(await this.links.findUsable(open.link.id, 'INVITATION'))) throw invalidLink();
    return open;
  }

  /**
   * Compares the date of birth with the patient's record, if it has one. Wrong dates are counted, also if the request fails;
   * the fifth ends the invitation.
   * @throws DomainError VALIDATION_ERROR
   */
  async checkBirthDate(token: string, typed: string | undefined): Promise<void> {
    const isRight = await this.db.transaction(async () => {
      const { link, invitee } = await this.lock(token);
      if (!invitee.dateOfBirth || invitee.dateOfBirth === typed) return true;
      if (typed === undefined) throw invalid({ field: 'dateOfBirth', error: 'is required' });
      const count = await this.invitations.countWrongBirthDate(link.id);
      if (count >= MAX_WRONG_BIRTH_DATES) await this.links.revokeAll(link.userId, 'INVITATION');
      await this.record('user.invitation-refused', link, { reason: 'birth date', count });
      return false;
    });
    if (!isRight) throw invalid({ field: 'dateOfBirth', error: 'is wrong' });
  }

  /** Uses the invitation, in the caller's transaction. Concurrent uses wait for each other; one of them succeeds. */
  async use({ link, invitation }: OpenInvitation): Promise<void> {
    if (!(await this.links.use(link.id, 'INVITATION'))) throw invalidLink();
    await this.record('user.invitation-accepted', link, { joins: invitation.joinsClinic }, invitation.clinicId);
  }

  private async read(
    token: string,
    readInvitee: (userId: string) => Promise<Invitee | null>,
  ): Promise<OpenInvitation | null> {
    const id = this.tokens.readFor('accept-invitation', token);
    const link = id && (await this.links.findUsable(id, 'INVITATION'));
    const invitation = link && (await this.invitations.find(link.id));
    const invitee = invitation && (await readInvitee(link.userId));
    if (!invitee) return null;
    if (!isSameAddress(link, invitation, invitee) || (invitee.canSignIn && !invitation.joinsClinic)) return null;
    const isAmbiguous = await this.isAmbiguous(link, invitation, invitee);
    return isAmbiguous ? null : { link, invitation, invitee };
  }

  /**
   * Several records may have one address, in a family. Then only an invitation that the desk requested tells whom it is for. Accounts
   * that were registered do not count: anybody could end an invitation by registering.
   */
  private async isAmbiguous(
    { email, phone }: AccountLink,
    { wasRequested }: Invitation,
    invitee: Invitee,
  ): Promise<boolean> {
    if (wasRequested || invitee.role !== 'CLIENT') return false;
    if (email !== null) return this.invitations.isShared('email', email, invitee.userId);
    return phone !== null && this.invitations.isShared('phone', phone, invitee.userId);
  }

  private record(action: string, link: AccountLink, changes: object, clinicId: string | null = null): Promise<void> {
    const { userId } = link;
    return this.changes.record({
      action,
      objectType: 'user',
      objectId: userId,
      clinicId,
      changes: { ...changes },
      event: null,
    });
  }
}

function isSameAddress(link: AccountLink, { setsEmail }: Invitation, { email, phone }: Invitee): boolean {
  // The person entered the address: the account gets it when they accept. Until then it has none.
  if (setsEmail) return email === null;
  return link.email !== null ? link.email === email : link.phone === phone;
}
