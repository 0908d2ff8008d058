import { Injectable } from '@nestjs/common';
import { AccountLinkTokens, type LinkToken } from '../account-links/index.js';
import { invalidLink } from './auth.errors.js';
import { EmailVerificationService } from './email-verification.service.js';
import type { LinkedAccount } from './linked-accounts.repository.js';

/** The links in mails that verify an address. */
@Injectable()
export class AddressLinks {
  constructor(
    private readonly tokens: AccountLinkTokens,
    private readonly verification: EmailVerificationService,
  ) {}

  /** @throws DomainError VALIDATION_ERROR */
  async verify(token: string): Promise<void> {
    const link = this.tokens.read(token);
    if (link?.action !== 'verify') throw invalidLink();
    await this.use(link);
  }

  /** @returns null if the link cannot be used */
  async find({ action, linkId }: LinkToken): Promise<LinkedAccount | null> {
    return action === 'verify' || action === 'disown' ? this.verification.find(linkId) : null;
  }

  /** @throws DomainError VALIDATION_ERROR if the link cannot be used */
  async use({ action, linkId }: LinkToken): Promise<void> {
    if (action === 'verify') await this.verification.verify(linkId);
    else if (action === 'disown') await this.verification.disown(linkId);
    else throw invalidLink();
  }
}
