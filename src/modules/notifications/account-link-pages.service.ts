import { Injectable } from '@nestjs/common';
import { MAX_PASSWORD_LENGTH } from '../../core/http/text.js';
import { DomainError, invalid } from '../../core/kernel/domain-error.js';
import { AccountLinksService, AccountLinkTokens, type LinkAction, type LinkToken } from '../account-links/index.js';
import { AddressLinks, PasswordResetService, type Device } from '../auth/index.js';
import { InvitationPages, type InvitationForm } from './invitation-pages.service.js';
import type { PageKind } from './link-pages.js';
import type { LinkPage } from './links.service.js';

/** The fields of the page's form. */
export interface LinkForm extends InvitationForm {
  device: Device;
}

interface Pages {
  question: PageKind;
  done: PageKind;
}

/** Invitations have their own pages. */
const PAGES: Record<Exclude<LinkAction, 'accept-invitation'>, Pages> = {
  verify: { question: 'VERIFY', done: 'VERIFIED' },
  disown: { question: 'DISOWN', done: 'DISOWNED' },
  'reset-password': { question: 'RESET_PASSWORD', done: 'PASSWORD_RESET' },
  'change-email': { question: 'CHANGE_EMAIL', done: 'EMAIL_CHANGED' },
  'stop-email-change': { question: 'STOP_EMAIL_CHANGE', done: 'EMAIL_CHANGE_STOPPED' },
};

/** The pages of the links in mails about an account, and the actions of their buttons. */
@Injectable()
export class AccountLinkPages {
  constructor(
    private readonly tokens: AccountLinkTokens,
    private readonly links: AccountLinksService,
    private readonly addressLinks: AddressLinks,
    private readonly passwordResets: PasswordResetService,
    private readonly invitations: InvitationPages,
  ) {}

  /** Changes nothing, because mail programs and virus scanners open links. @returns null if the token is not of an account link */
  async show(token: string): Promise<LinkPage | null> {
    const link = this.tokens.read(token);
    if (!link) return null;
    if (link.action === 'accept-invitation') return (await this.invitations.show(token)) ?? this.getExpired(link);
    const pages = PAGES[link.action];
    const locale = await this.findLocale(link);
    return locale !== null ? { kind: pages.question, status: 200, facts: { locale } } : this.getExpired(link);
  }

  /** @returns null if the token is not of an account link */
  async act(token: string, form: LinkForm): Promise<LinkPage | null> {
    const link = this.tokens.read(token);
    if (!link) return null;
    if (link.action === 'accept-invitation')
      return (await this.invitations.act(token, form, form.device)) ?? this.getExpired(link);
    const pages = PAGES[link.action];
    const locale = await this.findLocale(link);
    if (locale === null) return this.getExpired(link);
    try {
      await this.use(link, form);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (isAboutPassword(error)) return { kind: 'WEAK_PASSWORD', status: 400, facts: { locale } };
      if (error.code === 'EMAIL_TAKEN') return { kind: 'NEW_ADDRESS_TAKEN', status: 409, facts: { locale } };
      if (error.code === 'VALIDATION_ERROR') return this.getExpired(link);
      throw error;
    }
    return { kind: pages.done, status: 200, facts: { locale } };
  }

  private async getExpired({ linkId }: LinkToken): Promise<LinkPage> {
    return { kind: 'ACCOUNT_LINK_EXPIRED', status: 410, facts: { locale: await this.links.findLocale(linkId) } };
  }

  /** @returns the language of the account; null if the link cannot be used */
  private async findLocale(link: LinkToken): Promise<string | null> {
    if (link.action === 'reset-password') return this.passwordResets.findLocale(link.linkId);
    return this.addressLinks.findLocale(link);
  }

  private async use(link: LinkToken, { password, device }: LinkForm): Promise<void> {
    if (link.action !== 'reset-password') return this.addressLinks.use(link);
    if (password.length > MAX_PASSWORD_LENGTH) throw invalid({ field: 'password', error: 'is too long' });
    await this.passwordResets.reset(link.linkId, password, device.ip);
  }
}

/** Whether the link is usable, but the new password is refused. */
const isAboutPassword = ({ code, details }: DomainError): boolean =>
  code === 'VALIDATION_ERROR' &&
  Array.isArray(details) &&
  details.some((one: { field?: string }) => one.field === 'password');
