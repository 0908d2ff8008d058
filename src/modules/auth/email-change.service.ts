import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Actor } from '../../core/kernel/actor.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { AccountLinksService, type AccountLink, type LinkPurpose } from '../account-links/index.js';
import { CredentialsService, getNotifiedAddress, UsersService, type User, type UserView } from '../users/index.js';
import { invalidLink } from './auth.errors.js';

/** Changes the address of an account after a link in a mail to the new address was used. */
@Injectable()
export class EmailChangeService {
  constructor(
    private readonly db: Database,
    private readonly users: UsersService,
    private readonly credentials: CredentialsService,
    private readonly links: AccountLinksService,
    private readonly limits: RateLimits,
  ) {}

  /** @throws DomainError RATE_LIMITED */
  async countRequest({ userId }: Actor): Promise<void> {
    await this.limits.consume('emailChanges', userId);
  }

  /**
   * Sends a link to the new address, and to the old one a link that stops the change. Earlier requests are void. If another account
   * has the new address, its owner gets a mail instead; the caller cannot tell the difference. An address gets at most three
   * links in 24 hours; further ones are not sent. Runs in the caller's transaction.
   */
  async request({ userId, sessionId }: Actor, email: string): Promise<void> {
    const account = await this.credentials.lock(userId);
    if (!account || account.email === email) return;
    await this.links.lockAddress(email, 'EMAIL_CHANGE');
    await this.links.revokeAll(userId, 'EMAIL_CHANGE', 'EMAIL_CHANGE_STOP');
    const owner = await this.users.findOwner(email);
    const wait = await this.links.getWaitMilliseconds({ purpose: owner ? 'NOTICE' : 'EMAIL_CHANGE', email });
    const to = { email };
    if (wait === 0) {
      if (owner) await this.links.send({ userId: owner.id, purpose: 'NOTICE', to }, 'EMAIL_IN_USE');
      else await this.links.send({ userId, purpose: 'EMAIL_CHANGE', to, sessionId }, 'EMAIL_CHANGE');
    }
    const oldEmail = getNotifiedAddress(account);
    if (!oldEmail) return;
    await this.links.send({ userId, purpose: 'EMAIL_CHANGE_STOP', to: { email: oldEmail } }, 'EMAIL_CHANGE_REQUESTED');
  }

  /** @returns the account of a link; null if the link cannot be used */
  async find(linkId: string, purpose: LinkPurpose): Promise<UserView | null> {
    const link = await this.links.findUsable(linkId, purpose);
    return link && this.users.find(link.userId);
  }

  /**
   * Makes the new address that of the account, and ends its other sessions.
   * @throws DomainError VALIDATION_ERROR if the link cannot be used, EMAIL_TAKEN if another account has got the address meanwhile
   */
  async confirm(linkId: string): Promise<void> {
    await this.use(linkId, 'EMAIL_CHANGE', async ({ email, sessionId }, account) => {
      if (email === null) throw invalidLink();
      await this.credentials.replaceEmail(account, email, sessionId);
    });
  }

  /**
   * Stops a change, for the owner of the old address. Ends all sessions, because somebody else had one. This also revokes the link that
   * confirms the change.
   * @throws DomainError VALIDATION_ERROR
   */
  async stop(linkId: string): Promise<void> {
    await this.use(linkId, 'EMAIL_CHANGE_STOP', (_link, account) => this.credentials.stopEmailChange(account.id));
  }

  private async use(
    linkId: string,
    purpose: LinkPurpose,
    work: (link: AccountLink, account: User) => Promise<void>,
  ): Promise<void> {
    await this.db.transaction(async () => {
      const found = await this.links.findUsable(linkId, purpose);
      // Before the link, as everywhere, so that concurrent transactions cannot wait for each other.
      const account = found && (await this.credentials.lock(found.userId));
      const link = account && (await this.links.use(linkId, purpose));
      if (!link) throw invalidLink();
      await work(link, account);
    });
  }
}
