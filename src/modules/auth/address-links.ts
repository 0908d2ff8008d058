import { Injectable } from '@nestjs/common';
import { AccountLinkTokens, type LinkToken } from '../account-links/index.js';
import { invalidLink } from './auth.errors.js';
import { EmailChangeService } from './email-change.service.js';
import { EmailVerificationService } from './email-verification.service.js';
import { SignInLimits } from './sign-in-limits.js';

/** The links in mails that verify an address: one that somebody registered with, or the new one of a change. */
@Injectable()
export class AddressLinks {
  constructor(
    private readonly tokens: AccountLinkTokens,
    private readonly verification: EmailVerificationService,
    private readonly emailChanges: EmailChangeService,
    private readonly limits: SignInLimits,
  ) {}

  /** Verifies an address by the token of a mail to it. @throws DomainError VALIDATION_ERROR, EMAIL_TAKEN, RATE_LIMITED */
  async verify(token: string, ip: string | null): Promise<void> {
    await this.limits.assertMayUseLink(ip);
    const link = this.tokens.read(token);
    if (link?.action !== 'verify' && link?.action !== 'change-email') throw invalidLink();
    await this.use(link);
  }

  /** @returns the language of the account; null if the link cannot be used */
  async findLocale({ action, linkId }: LinkToken): Promise<string | null> {
    const account = await this.findAccount(action, linkId);
    return account?.locale ?? null;
  }

  /** @throws DomainError VALIDATION_ERROR if the link cannot be used, EMAIL_TAKEN */
  async use({ action, linkId }: LinkToken): Promise<void> {
    if (action === 'verify') return this.verification.verify(linkId);
    if (action === 'disown') return this.verification.disown(linkId);
    if (action === 'change-email') return this.emailChanges.confirm(linkId);
    if (action === 'stop-email-change') return this.emailChanges.stop(linkId);
    throw invalidLink();
  }

  private async findAccount(action: LinkToken['action'], linkId: string): Promise<{ locale: string } | null> {
    if (action === 'verify' || action === 'disown') return this.verification.find(linkId);
    if (action === 'change-email') return this.emailChanges.find(linkId, 'EMAIL_CHANGE');
    return action === 'stop-email-change' ? this.emailChanges.find(linkId, 'EMAIL_CHANGE_STOP') : null;
  }
}
