import { Injectable } from '@nestjs/common';
import { DomainError } from '../../core/kernel/domain-error.js';
import { EmailTokens, EmailVerificationService } from '../auth/index.js';
import type { LinkAnswer } from './links.service.js';

const OVER: LinkAnswer = { kind: 'EMAIL_OVER', status: 410, facts: { locale: 'en' } };

/** The pages of the two links in a verification mail. */
@Injectable()
export class AccountLinksService {
  constructor(
    private readonly tokens: EmailTokens,
    private readonly verification: EmailVerificationService,
  ) {}

  /** @returns null if the token is no such link. Changes nothing, because mail programs and virus scanners open links. */
  async show(token: string): Promise<LinkAnswer | null> {
    const link = this.tokens.read(token);
    if (!link) return null;
    const account = await this.verification.find(link);
    if (!account) return OVER;
    return { kind: link.action === 'verify' ? 'VERIFY' : 'DISOWN', status: 200, facts: { locale: account.locale } };
  }

  async act(token: string): Promise<LinkAnswer | null> {
    const link = this.tokens.read(token);
    if (!link) return null;
    const account = await this.verification.find(link);
    if (!account) return OVER;
    try {
      await this.verification.use(link);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'VALIDATION_ERROR') return OVER;
      throw error;
    }
    return { kind: link.action === 'verify' ? 'VERIFIED' : 'DISOWNED', status: 200, facts: { locale: account.locale } };
  }
}
