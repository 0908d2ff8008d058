import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import { Clock } from '../../../core/kernel/clock.js';
import { DomainError, notFound } from '../../../core/kernel/domain-error.js';
import { newId } from '../../../core/kernel/id.js';
import { SignInAccounts, UsersService, type NewUser, type SignInAccount } from '../../users/index.js';
import { IdentitiesRepository, type IdentityAccount } from './identities.repository.js';
import { addressMissing, addressNotProven, addressTaken, identityTaken, refusedByProvider } from './oidc.errors.js';
import type { ProviderPerson } from './provider-person.js';

/** The time zone and language of the browser, for a new account. */
interface RegistrationDefaults {
  timeZone: string | null;
  locale: string | null;
}

/** Finds the account of a user of a provider, or registers one. */
@Injectable()
export class ProviderAccountsService {
  constructor(
    private readonly db: Database,
    private readonly identities: IdentitiesRepository,
    private readonly users: UsersService,
    private readonly accounts: SignInAccounts,
    private readonly clock: Clock,
  ) {}

  /** The account of a known identity. The address at the provider does not matter: it may have changed. */
  find(provider: string, { subject }: ProviderPerson): Promise<IdentityAccount | null> {
    return this.identities.findAccount(provider, subject);
  }

  /** Stores when the identity was last used. */
  async markUsed(provider: string, { subject }: ProviderPerson): Promise<void> {
    await this.identities.setLastUsed(provider, subject, new Date(this.clock.now()));
  }

  /**
   * Registers a patient. An address that an account has is never connected with the identity here, not even if the provider has
   * verified it: whoever controls the address at the provider would get the account.
   * @throws DomainError VALIDATION_ERROR without an address, EMAIL_TAKEN
   */
  async register(provider: string, person: ProviderPerson, defaults: RegistrationDefaults): Promise<IdentityAccount> {
    const { subject, email, isEmailVerified, firstName, lastName } = person;
    if (email === null) throw addressMissing();
    const timeZone = defaults.timeZone ?? 'UTC';
    const locale = defaults.locale ?? person.locale ?? 'en';
    const emailVerifiedAt = isEmailVerified ? new Date(this.clock.now()) : null;
    const account = { email, firstName, lastName, timeZone, locale, phone: null, emailVerifiedAt };
    try {
      await this.db.transaction(async () => {
        const userId = await this.insertPatient(account);
        if (!(await this.insertIdentity(userId, provider, subject))) throw identityTaken();
      });
    } catch (error) {
      // Another callback of the same user may have registered them at the same time.
      const known = await this.identities.findAccount(provider, subject);
      if (!known) throw error;
      return known;
    }
    const created = await this.identities.findAccount(provider, subject);
    if (!created) throw notFound();
    return created;
  }

  /**
   * The account to which an identity may be linked: the provider must have verified the same address.
   * @throws DomainError EMAIL_NOT_VERIFIED, UNAUTHENTICATED if it was closed
   */
  async findLinkable(userId: string, { email, isEmailVerified }: ProviderPerson): Promise<IdentityAccount> {
    const account = await this.getOpen(userId);
    if (!isEmailVerified || email === null || email !== account.user.email) throw addressNotProven();
    return { userId, authorizationChangedAt: account.authorizationChangedAt };
  }

  /** @throws DomainError UNAUTHENTICATED for an account that was closed after it started a request */
  async getOpen(userId: string): Promise<SignInAccount> {
    const account = await this.accounts.findById(userId);
    if (!account) throw refusedByProvider('ACCOUNT_CLOSED');
    return account;
  }

  private async insertPatient(person: Omit<NewUser, 'id' | 'role' | 'passwordHash' | 'hasIdentity'>): Promise<string> {
    // A record of the front desk may have the address; it stays as it is.
    if (person.email && (await this.users.findOwner(person.email))) throw addressTaken();
    try {
      return await this.users.insert(
        { id: newId(), role: 'CLIENT', passwordHash: null, hasIdentity: true, ...person },
        { isRegistration: true },
      );
    } catch (error) {
      throw error instanceof DomainError && error.code === 'EMAIL_TAKEN' ? addressTaken() : error;
    }
  }

  private insertIdentity(userId: string, provider: string, subject: string): Promise<boolean> {
    return this.identities.insert({ id: newId(), userId, provider, subject }, new Date(this.clock.now()));
  }
}
