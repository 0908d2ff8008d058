import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { Clock } from '../../core/kernel/clock.js';
import { DomainError, invalid, notFound } from '../../core/kernel/domain-error.js';
import { tooMany } from '../../core/security/local-rate-limiter.js';
import { AccountLinksService, MAX_LINKS_PER_DAY } from '../account-links/index.js';
import { InvitationsRepository, type Invitee } from './invitations.repository.js';

/** For one person, over all addresses and telephone numbers: an address can be mistyped. */
const MAX_INVITATIONS_PER_DAY = 6;

interface InvitationOptions {
  /** The clinic that the message names. */
  clinicId: string | null;
  /** Whether somebody who knows the person asked for it. */
  wasRequested: boolean;
  /** Adds the clinic to the account of a person who works elsewhere. */
  joinsClinic?: boolean;
  /** An address that becomes that of the account when the invitation is accepted. Default: the address of the account. */
  email?: string;
  /** An earlier invitation that keeps working. */
  keptId?: string;
}

/**
 * Invitations: a link by which a person for whom an account was created chooses a password, or by which somebody who works
 * elsewhere joins a clinic. A new invitation ends the earlier ones.
 */
@Injectable()
export class InvitationsService {
  constructor(
    private readonly db: Database,
    private readonly invitations: InvitationsRepository,
    private readonly links: AccountLinksService,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  /**
   * Sends an invitation by mail, or by SMS to a patient who has only a telephone number. The caller checks the access.
   * @returns the id of its link
   * @throws DomainError NOT_FOUND, ALREADY_EXISTS if the person can sign in, VALIDATION_ERROR without an address, RATE_LIMITED
   */
  async invite(userId: string, options: InvitationOptions): Promise<string> {
    const { clinicId, wasRequested, joinsClinic = false, email, keptId } = options;
    return this.db.transaction(async () => {
      const invitee = await this.invitations.lockInvitee(userId);
      if (!invitee) throw notFound();
      if (invitee.canSignIn && !joinsClinic) throw canSignIn();
      const to = email === undefined ? getAddress(invitee) : { email };
      await this.assertMaySend(userId, to);
      await this.invitations.revoke(userId, joinsClinic ? clinicId : null, this.now(), keptId);
      const kind = joinsClinic ? 'INVITATION_TO_JOIN' : 'INVITATION';
      const id = await this.links.send({ userId, purpose: 'INVITATION', to, clinicId }, kind);
      await this.invitations.insert({ id, clinicId, joinsClinic, setsEmail: email !== undefined, wasRequested });
      return id;
    });
  }

  /** @throws DomainError NOT_FOUND if all invitations were already used or revoked */
  async revoke(userId: string, clinicIdToJoin: string | null): Promise<null> {
    return this.db.transaction(async () => {
      if ((await this.invitations.revoke(userId, clinicIdToJoin, this.now())) === 0) throw notFound();
      await this.changes.record({
        action: 'user.invitation-revoked',
        objectType: 'user',
        objectId: userId,
        clinicId: clinicIdToJoin,
        event: null,
      });
      return null;
    });
  }

  /**
   * Invites the people whose accounts were just created without a password, if the address or telephone number is theirs alone.
   * Locks all accounts before the first address, as `AccountLinksService.lockAddress` asks.
   */
  async inviteNew(userIds: readonly string[]): Promise<void> {
    await this.db.transaction(async () => {
      for (const userId of await this.invitations.lockWithoutPassword(userIds)) await this.inviteOne(userId);
    });
  }

  private async inviteOne(userId: string): Promise<void> {
    const invitee = await this.invitations.findInvitee(userId);
    if (!invitee || invitee.canSignIn || !(await this.hasOwnAddress(invitee))) return;
    // Whoever created the account may have invited the person already.
    if (invitee.email && (await this.links.hasUsable(userId, 'INVITATION', invitee.email))) return;
    const clinicId = invitee.clinicIds[0] ?? null;
    await this.ignoreLimit(() => this.invite(userId, { clinicId, wasRequested: false }));
  }

  /** Invites a person who works elsewhere to a clinic, unless the account was deleted after the clinic asked for it. */
  async inviteToJoin(userId: string, clinicId: string | null): Promise<void> {
    if (!clinicId || !(await this.invitations.findInvitee(userId))?.email) return;
    await this.ignoreLimit(() => this.invite(userId, { clinicId, wasRequested: true, joinsClinic: true }));
  }

  private async hasOwnAddress({ userId, role, email, phone }: Invitee): Promise<boolean> {
    if (role !== 'CLIENT') return email !== null;
    // Somebody who registered with it may be the patient, or a parent: accepting would close that account.
    if (email) return !(await this.invitations.hasOtherAccount('email', email, userId));
    return phone !== null && !(await this.invitations.hasOtherAccount('phone', phone, userId));
  }

  /** Does the work, and ignores RATE_LIMITED: the address got its messages of the day. The clinic can invite the person later. */
  private async ignoreLimit(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof DomainError && error.code === 'RATE_LIMITED')) throw error;
    }
  }

  /** Limits the messages to an address as well as those to a person, since several records may have one address. */
  private async assertMaySend(userId: string, to: { email: string } | { phone: string }): Promise<void> {
    const purpose = 'INVITATION';
    const personWait = await this.links.getWaitMilliseconds({ purpose, userId }, MAX_INVITATIONS_PER_DAY);
    if ('email' in to) await this.links.lockAddress(to.email, purpose);
    const addressWait = await this.links.getWaitMilliseconds({ purpose, ...to });
    if (personWait > addressWait) throw tooMany(personWait, MAX_INVITATIONS_PER_DAY);
    if (addressWait > 0) throw tooMany(addressWait, MAX_LINKS_PER_DAY);
  }

  private now(): Date {
    return new Date(this.clock.now());
  }
}

function getAddress({ role, email, phone }: Invitee): { email: string } | { phone: string } {
  if (email) return { email };
  if (role === 'CLIENT' && phone) return { phone };
  throw invalid({ field: 'email', error: 'is missing: the invitation needs an e-mail address or a telephone number' });
}

const canSignIn = (): DomainError => new DomainError('ALREADY_EXISTS', 'This person can already sign in.');
