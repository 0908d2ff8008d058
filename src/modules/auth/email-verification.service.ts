import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { invalid, type DomainError } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import type { Actor } from '../../core/kernel/actor.js';
import { tooMany } from '../../core/security/local-rate-limiter.js';
import { UsersService } from '../users/index.js';
import { EmailTokens, type EmailToken } from './email-tokens.js';
import {
  EmailVerificationsRepository,
  MAX_MAILS_PER_DAY,
  type AddressedAccount,
} from './email-verifications.repository.js';

/** Verifies that an address belongs to the person who registered with it, by a link in a mail to that address. */
@Injectable()
export class EmailVerificationService {
  constructor(
    private readonly db: Database,
    private readonly verifications: EmailVerificationsRepository,
    private readonly tokens: EmailTokens,
    private readonly users: UsersService,
    private readonly changes: ChangeLog,
  ) {}

  /** Sends the mail after a registration or sign-in, unless an earlier link can still be used. */
  async request(userId: string): Promise<void> {
    await this.db.transaction(async () => {
      const account = await this.verifications.findAccount(userId);
      if (!account?.email || account.isVerified) return;
      await this.verifications.lockAddress(account.email);
      if (await this.verifications.hasUsable(userId, account.email)) return;
      if ((await this.verifications.getWaitMilliseconds(account.email)) === 0) await this.send(userId, account.email);
    });
  }

  /**
   * Sends the mail again. Does nothing if the address is verified.
   * @throws DomainError RATE_LIMITED after three mails in 24 hours to the address
   */
  async resend(actor: Actor): Promise<null> {
    return this.db.transaction(async () => {
      const account = await this.verifications.findAccount(actor.userId);
      if (!account?.email || account.isVerified) return null;
      await this.verifications.lockAddress(account.email);
      const wait = await this.verifications.getWaitMilliseconds(account.email);
      if (wait > 0) throw tooMany(wait, MAX_MAILS_PER_DAY);
      await this.send(actor.userId, account.email);
      return null;
    });
  }

  /** @throws DomainError VALIDATION_ERROR */
  async verify(token: string): Promise<void> {
    const link = this.tokens.read(token);
    if (link?.action !== 'verify') throw invalidLink();
    await this.use(link);
  }

  /** Finds the account of a link; null if the link is used, expired or for another address. */
  find({ verificationId }: EmailToken): Promise<AddressedAccount | null> {
    return this.findLinkedAccount(verificationId, (userId) => this.verifications.findAccount(userId));
  }

  /**
   * Uses the link of a mail: verifies the address, or closes the patient's account ("this was not me").
   * @throws DomainError VALIDATION_ERROR if the link is used, expired or for another address
   */
  async use({ action, verificationId }: EmailToken): Promise<void> {
    await this.db.transaction(async () => {
      const account = await this.findLinkedAccount(verificationId, (userId) => this.verifications.lockAccount(userId));
      if (!account) throw invalidLink();
      await this.verifications.markAllUsed(account.id);
      if (action === 'verify') await this.users.verifyEmail(account.id);
      else if (account.isPatient) await this.users.close(account.id);
    });
  }

  private async findLinkedAccount(
    verificationId: string,
    readAccount: (userId: string) => Promise<AddressedAccount | null>,
  ): Promise<AddressedAccount | null> {
    const verification = await this.verifications.findUsable(verificationId);
    const account = verification && (await readAccount(verification.userId));
    if (!account || account.isVerified || account.email !== verification.email) return null;
    // Checked again: while this transaction waited for the lock of the account, another one may have used the link.
    return (await this.verifications.findUsable(verificationId)) ? account : null;
  }

  private async send(userId: string, email: string): Promise<void> {
    const id = newId();
    await this.verifications.insert(id, userId, email);
    await this.changes.record({
      action: 'user.verification-requested',
      objectType: 'user',
      objectId: userId,
      event: { name: 'email:verification-requested', payload: { userId, verificationId: id } },
    });
  }
}

const invalidLink = (): DomainError =>
  invalid({ field: 'token', error: 'is invalid, already used or expired: request a new mail' });
