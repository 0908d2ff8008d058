import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { AccountLinksService, MAX_LINKS_PER_DAY } from '../account-links/index.js';
import { CredentialsService, SignInAccounts } from '../users/index.js';
import { invalidLink } from './auth.errors.js';
import type { ResetRequest } from './password-reset-requests.js';
import { SignInLimits } from './sign-in-limits.js';

const PURPOSE = 'PASSWORD_RESET';
/** For requests from an IP address from which the owner signed in before: somebody else cannot use up all mails of a day. */
const MAX_LINKS_FOR_OWNER = 2 * MAX_LINKS_PER_DAY;

/** Lets somebody who forgot their password choose a new one, by a link in a mail to the address of the account. */
@Injectable()
export class PasswordResetService {
  constructor(
    private readonly db: Database,
    private readonly accounts: SignInAccounts,
    private readonly credentials: CredentialsService,
    private readonly links: AccountLinksService,
    private readonly limits: SignInLimits,
  ) {}

  /**
   * Sends the mail, if the address has an account with a password or an identity at a provider. The account's earlier links stop
   * working. An address gets at most three of these mails in 24 hours, and six if the owner signed in from that IP address before;
   * further requests do nothing. The outbox calls it for one request after the other, so they are counted without a lock of the
   * address.
   */
  async sendMail({ email, ip }: ResetRequest): Promise<void> {
    await this.db.transaction(async () => {
      const found = await this.accounts.find(email);
      if (!found?.passwordHash && !found?.hasIdentity) return;
      const account = await this.credentials.lock(found.user.id);
      if (account?.email !== email) return;
      const isKnown = account.emailVerifiedAt !== null && (await this.limits.isKnownIp(account.id, ip));
      const max = isKnown ? MAX_LINKS_FOR_OWNER : MAX_LINKS_PER_DAY;
      if ((await this.links.getWaitMilliseconds({ purpose: PURPOSE, email }, max)) > 0) return;
      await this.links.revokeAll(account.id, PURPOSE);
      // The stored address, never the typed one.
      await this.links.send({ userId: account.id, purpose: PURPOSE, to: { email: account.email } }, PURPOSE);
    });
  }

  /** @returns the language of the account; null if the link cannot be used */
  async findLocale(linkId: string): Promise<string | null> {
    const link = await this.links.findUsable(linkId, PURPOSE);
    const account = link && (await this.accounts.findById(link.userId));
    return account && account.user.email === link.email ? account.user.locale : null;
  }

  /**
   * Sets a new password. Ends all sessions, and verifies the address. A password that is refused does not use up the link.
   * @throws DomainError VALIDATION_ERROR on `token` or `password`, RATE_LIMITED
   */
  async reset(linkId: string | null, password: string, ip: string | null): Promise<null> {
    await this.limits.assertMayUseLink(ip);
    const link = linkId === null ? null : await this.links.findUsable(linkId, PURPOSE);
    const owner = link && (await this.accounts.findById(link.userId));
    if (!link || owner?.user.email !== link.email) throw invalidLink();
    const hash = await this.credentials.hashNewPassword(link.userId, password);
    return this.db.transaction(async () => {
      const account = await this.credentials.lock(link.userId);
      if (account?.email !== link.email || !(await this.links.use(link.id, PURPOSE))) throw invalidLink();
      await this.credentials.resetPassword(account, hash);
      return null;
    });
  }
}
