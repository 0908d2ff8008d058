import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../../core/changes/change-log.js';
import { NIL_ID } from '../../../core/kernel/id.js';
import { ProviderError } from '../../../core/resilience/provider-error.js';
import { SignInLimits } from '../sign-in-limits.js';
import type { IdentityAccount } from './identities.repository.js';
import type { IdentityProvider } from './identity-provider.js';
import { refusedByProvider, unknownState } from './oidc.errors.js';
import { ProviderAccountsService } from './provider-accounts.service.js';
import { ProviderCodes } from './provider-codes.js';
import { toDomainError } from './provider-errors.js';
import { toPerson, type ProviderPerson } from './provider-person.js';
import { getMustSignInAfter, type PendingRequest } from './provider-requests.service.js';
import { ProviderSignInsRepository } from './provider-sign-ins.repository.js';

/** Handles the callbacks of identity providers. */
@Injectable()
export class ProviderCallbacksService {
  constructor(
    private readonly signIns: ProviderSignInsRepository,
    private readonly accounts: ProviderAccountsService,
    private readonly codes: ProviderCodes,
    private readonly limits: SignInLimits,
    private readonly changes: ChangeLog,
  ) {}

  /**
   * Reads the answer of a provider, once, and finds or registers the account.
   * @param query of the callback, as it came
   * @returns the one-time code of the result
   * @throws DomainError VALIDATION_ERROR, UNAUTHENTICATED, UPSTREAM_UNAVAILABLE, EMAIL_TAKEN, EMAIL_NOT_VERIFIED, RATE_LIMITED
   */
  async handle(
    provider: IdentityProvider,
    pending: PendingRequest,
    query: URLSearchParams,
    ip: string | null,
  ): Promise<string> {
    const { state: id, purpose, sessionId, codeChallenge } = pending;
    // Before the provider is called: a repeated callback must not use its code again.
    const isFirst = await this.signIns.begin({ id, provider: provider.name, purpose, sessionId, codeChallenge });
    if (!isFirst) throw unknownState();
    const person = await this.readPerson(provider, pending, query);
    const account = await this.findAccount(provider.name, person, pending, ip);
    await this.signIns.complete(id, account, person.subject);
    return this.codes.create(id);
  }

  private async readPerson(
    provider: IdentityProvider,
    pending: PendingRequest,
    query: URLSearchParams,
  ): Promise<ProviderPerson> {
    const { state, nonce, codeVerifier, userId } = pending;
    const request = { state, nonce, codeVerifier, mustSignInAfter: getMustSignInAfter(pending) };
    try {
      return toPerson(await provider.readCallback(query, request));
    } catch (error) {
      if (error instanceof ProviderError) await this.recordFailure(provider.name, error.reason, userId);
      throw toDomainError(error);
    }
  }

  private async findAccount(
    provider: string,
    person: ProviderPerson,
    { purpose, userId, timeZone, locale }: PendingRequest,
    ip: string | null,
  ): Promise<IdentityAccount> {
    if (purpose === 'LINK') return this.accounts.findLinkable(userId ?? NIL_ID, person);
    const known = await this.accounts.find(provider, person);
    if (known && (purpose === 'SIGN_IN' || known.userId === userId)) {
      await this.accounts.markUsed(provider, person);
      return known;
    }
    if (purpose === 'SIGN_IN') {
      await this.limits.assertMayRegister(ip);
      return this.accounts.register(provider, person, { timeZone, locale });
    }
    await this.accounts.getOpen(userId ?? NIL_ID);
    await this.recordFailure(provider, 'OTHER_ACCOUNT', userId);
    throw refusedByProvider('OTHER_ACCOUNT');
  }

  /** The reason is a code of ours: the answer of a provider may contain anything. */
  private recordFailure(provider: string, reason: string, userId: string | null): Promise<void> {
    return this.changes.recordAccess({
      action: 'session.sign-in-failed',
      objectType: 'user',
      objectId: userId ?? NIL_ID,
      changes: { provider, reason },
    });
  }
}
