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

/** Proves that an address belongs to who registered with it: by a link in a mail to that address. */
@Injectable()
export class EmailVerificationService {
  constructor(
    private readonly db: Database,
    private readonly verifications: EmailVerificationsRepository,
    private readonly tokens: EmailTokens,
    private readonly users: UsersService,
    private readonly changes: ChangeLog,
  ) {}

  /** After a registration or sign-in: sends the mail, unless a link of an earlier one is still good. */
  async request(userId: string): Promise<void> {
    await this.db.transaction(async () => {
      const account = await this.verifications.account(userId);
      if (!account?.email || account.isVerified) return;
      await this.verifications.lockAddress(account.email);
      if (await this.verifications.hasOpen(userId, account.email)) return;
      if ((await this.verifications.waitBeforeNext(account.email)) === 0) await this.send(userId, account.email);
    });
  }

  /**
   * Sends the mail again. Does nothing where the address is verified.
   * @throws DomainError RATE_LIMITED after three mails in 24 hours to the address
   */
  async resend(actor: Actor): Promise<null> {
    return this.db.transaction(async () => {
      const account = await this.verifications.account(actor.userId);
      if (!account?.email || account.isVerified) return null;
      await this.verifications.lockAddress(account.email);
      const wait = await this.verifications.waitBeforeNext(account.email);
      if (wait > 0) throw tooMany(wait, MAX_MAILS_PER_DAY);
      await this.send(actor.userId, account.email);
      return null;
    });
  }

  /** @throws DomainError VALIDATION_ERROR */
  async verify(token: string): Promise<void> {
    const link = this.tokens.read(token);
    if (link?.action !== 'verify') throw notGood();
    await this.use(link);
  }

  /** @returns the account that a link is about; null where the link is used, expired or about another address */
  find({ verificationId }: EmailToken): Promise<AddressedAccount | null> {
    return this.open(verificationId, (userId) => this.verifications.account(userId));
  }

  /**
   * Uses the link of a mail: the address is verified, or, "this was not me", the patient's account is closed.
   * @throws DomainError VALIDATION_ERROR for a link that is used, expired or about another address
   */
  async use({ action, verificationId }: EmailToken): Promise<void> {
    await this.db.transaction(async () => {
      const account = await this.open(verificationId, (userId) => this.verifications.lockAccount(userId));
      if (!account) throw notGood();
      await this.verifications.useAll(account.id);
      if (action === 'verify') await this.users.verifyEmail(account.id);
      else if (account.isPatient) await this.users.close(account.id);
    });
  }

  private async open(
    verificationId: string,
    accountOf: (userId: string) => Promise<AddressedAccount | null>,
  ): Promise<AddressedAccount | null> {
    const found = await this.verifications.findOpen(verificationId);
    const account = found && (await accountOf(found.userId));
    if (!account || account.isVerified || account.email !== found.email) return null;
    // Read again: while this one waited for the account, another use of the link may have ended.
    return (await this.verifications.findOpen(verificationId)) ? account : null;
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

const notGood = (): DomainError =>
  invalid({ field: 'token', error: 'is not a token of ours, was used before or has expired: ask for a new mail' });
