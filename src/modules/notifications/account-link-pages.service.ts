import { Injectable } from '@nestjs/common';
import { DomainError } from '../../core/kernel/domain-error.js';
import { AccountLinkTokens, type LinkAction } from '../account-links/index.js';
import { AddressLinks } from '../auth/index.js';
import type { PageKind } from './link-pages.js';
import type { LinkPage } from './links.service.js';

const EXPIRED: LinkPage = { kind: 'VERIFICATION_EXPIRED', status: 410, facts: { locale: 'en' } };

interface Pages {
  question: PageKind;
  done: PageKind;
}

const PAGES: Partial<Record<LinkAction, Pages>> = {
  verify: { question: 'VERIFY', done: 'VERIFIED' },
  disown: { question: 'DISOWN', done: 'DISOWNED' },
};

/** The pages of the links in mails about an account, and the actions of their buttons. */
@Injectable()
export class AccountLinkPages {
  constructor(
    private readonly tokens: AccountLinkTokens,
    private readonly addressLinks: AddressLinks,
  ) {}

  /** Changes nothing, because mail programs and virus scanners open links. @returns null if the token is not of an account link */
  async show(token: string): Promise<LinkPage | null> {
    const link = this.tokens.read(token);
    if (!link) return null;
    const pages = PAGES[link.action];
    const account = await this.addressLinks.find(link);
    return pages && account ? { kind: pages.question, status: 200, facts: { locale: account.locale } } : EXPIRED;
  }

  /** @returns null if the token is not of an account link */
  async act(token: string): Promise<LinkPage | null> {
    const link = this.tokens.read(token);
    if (!link) return null;
    const pages = PAGES[link.action];
    const account = await this.addressLinks.find(link);
    if (!pages || !account) return EXPIRED;
    try {
      await this.addressLinks.use(link);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'VALIDATION_ERROR') return EXPIRED;
      throw error;
    }
    return { kind: pages.done, status: 200, facts: { locale: account.locale } };
  }
}
