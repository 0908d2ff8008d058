import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Actor } from '../../core/kernel/actor.js';
import { tooMany } from '../../core/security/local-rate-limiter.js';
import { AccountLinksService, MAX_LINKS_PER_DAY } from '../account-links/index.js';
import { UsersService } from '../users/index.js';
import { invalidLink } from './auth.errors.js';
import { LinkedAccountsRepository, type LinkedAccount } from './linked-accounts.repository.js';

const PURPOSE = 'EMAIL_VERIFICATION';

/** Verifies that an address belongs to the person who registered with it, by a link in a mail to that address. */
@Injectable()
export class EmailVerificationService {
  constructor(
    private readonly db: Database,
    private readonly accounts: LinkedAccountsRepository,
    private readonly links: AccountLinksService,
    private readonly users: UsersService,
  ) {}

  /** Sends the mail after a registration or sign-in, unless an earlier link can still be used. */
  async request(userId: string): Promise<void> {
    await this.db.transaction(async () => {
      const account = await this.accounts.find(userId);
      if (!account?.email || account.isVerified) return;
      const { email } = account;
      await this.links.lockAddress(email, PURPOSE);
      if (await this.links.hasUsable(userId, PURPOSE, email)) return;
      if ((await this.links.getWaitMilliseconds({ purpose: PURPOSE, email })) === 0) await this.send(account, email);
    });
  }

  /**
   * Sends the mail again. Does nothing if the address is verified.
   * @throws DomainError RATE_LIMITED after three mails in 24 hours to the address
   */
  async resend(actor: Actor): Promise<null> {
    return this.db.transaction(async () => {
      const account = await this.accounts.find(actor.userId);
      if (!account?.email || account.isVerified) return null;
      const { email } = account;
      await this.links.lockAddress(email, PURPOSE);
      const wait = await this.links.getWaitMilliseconds({ purpose: PURPOSE, email });
      if (wait > 0) throw tooMany(wait, MAX_LINKS_PER_DAY);
      await this.send(account, email);
      return null;
    });
  }

  /** Finds the account of a link; null if the link is used, expired or for another address. */
  find(linkId: string): Promise<LinkedAccount | null> {
    return this.findLinkedAccount(linkId, (userId) => this.accounts.find(userId));
  }

  /** @throws DomainError VALIDATION_ERROR if the link is used, expired or for another address */
  async verify(linkId: string): Promise<void> {
    await this.use(linkId, ({ id }) => this.users.verifyEmail(id));
  }

  /**
   * Closes the patient's account: "this was not me".
   * @throws DomainError VALIDATION_ERROR if the link is used, expired, for another address or of staff
   */
  async disown(linkId: string): Promise<void> {
    await this.use(linkId, async ({ id, isPatient }) => {
      if (!isPatient) throw invalidLink();
      await this.users.close(id);
    });
  }

  private async use(linkId: string, work: (account: LinkedAccount) => Promise<void>): Promise<void> {
    await this.db.transaction(async () => {
      const account = await this.findLinkedAccount(linkId, (userId) => this.accounts.lock(userId));
      if (!account || !(await this.links.use(linkId, PURPOSE))) throw invalidLink();
      await this.links.revokeAll(account.id, PURPOSE);
      await work(account);
    });
  }

  private async findLinkedAccount(
    linkId: string,
    readAccount: (userId: string) => Promise<LinkedAccount | null>,
  ): Promise<LinkedAccount | null> {
    const link = await this.links.findUsable(linkId, PURPOSE);
    const account = link && (await readAccount(link.userId));
    return account && !account.isVerified && account.email === link.email ? account : null;
  }

  private async send({ id, isPatient }: LinkedAccount, email: string): Promise<void> {
    const kind = isPatient ? 'EMAIL_VERIFICATION' : 'STAFF_EMAIL_VERIFICATION';
    await this.links.send({ userId: id, purpose: PURPOSE, to: { email } }, kind);
  }
}
