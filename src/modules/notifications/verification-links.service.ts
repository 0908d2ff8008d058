import { Injectable } from '@nestjs/common';
import { DomainError } from '../../core/kernel/domain-error.js';
import { EmailTokens, EmailVerificationService } from '../auth/index.js';
import type { LinkPage } from './links.service.js';

const EXPIRED: LinkPage = { kind: 'VERIFICATION_EXPIRED', status: 410, facts: { locale: 'en' } };

/** The pages of the two links in a verification mail, and the actions of their buttons. */
@Injectable()
export class VerificationLinksService {
  constructor(
    private readonly tokens: EmailTokens,
    private readonly verification: EmailVerificationService,
  ) {}

  /** Changes nothing, because mail programs and virus scanners open links. @returns null if the token is not from a verification mail */
  async show(token: string): Promise<LinkPage | null> {
    const link = this.tokens.read(token);
    if (!link) return null;
    const account = await this.verification.find(link);
    if (!account) return EXPIRED;
    return { kind: link.action === 'verify' ? 'VERIFY' : 'DISOWN', status: 200, facts: { locale: account.locale } };
  }

  /** @returns null if the token is not from a verification mail */
  async act(token: string): Promise<LinkPage | null> {
    const link = this.tokens.read(token);
    if (!link) return null;
    const account = await this.verification.find(link);
    if (!account) return EXPIRED;
    try {
      await this.verification.use(link);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'VALIDATION_ERROR') return EXPIRED;
      throw error;
    }
    return { kind: link.action === 'verify' ? 'VERIFIED' : 'DISOWNED', status: 200, facts: { locale: account.locale } };
  }
}
