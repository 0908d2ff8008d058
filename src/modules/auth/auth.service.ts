import { Injectable } from '@nestjs/common';
import { DomainError, notFound } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import { SignInAccounts, UsersService, type SignInAccount, type UserView } from '../users/index.js';
import type { Login } from './auth.dto.js';
import { invalidCredentials } from './auth.errors.js';
import type { Device } from './device.js';
import type { SignedIn } from './session-tokens.js';
import { VerifiedSignIns, type SignInOptions } from './mfa/verified-sign-ins.js';
import { SignInLimits, type SignInAttempt } from './sign-in-limits.js';

/** How often a password is checked at most: again if the account was changed meanwhile. */
const MAX_PASSWORD_CHECKS = 3;

/** Signs users in with their password. */
@Injectable()
export class AuthService {
  constructor(
    private readonly users: UsersService,
    private readonly accounts: SignInAccounts,
    private readonly signIns: VerifiedSignIns,
    private readonly limits: SignInLimits,
  ) {}

  /** Signs a user in who has just set the account's first password, without asking for it again. */
  async signIn(userId: string, device: Device, options: SignInOptions = {}): Promise<SignedIn> {
    const account = await this.accounts.findById(userId);
    const signedIn = account && (await this.signIns.open(account, device, options));
    if (!signedIn) throw notFound();
    return signedIn;
  }

  /**
   * Signs in. An unknown address and a wrong password give the same response after the same time, with or without a second factor.
   * @throws DomainError INVALID_CREDENTIALS; MFA_REQUIRED and MFA_INVALID only after the right password
   */
  async login({ email, password }: Login, device: Device, options: SignInOptions = {}): Promise<SignedIn> {
    const attempt = await this.limits.begin(email, device.ip);
    let account: SignInAccount | null = null;
    for (let check = 1; check <= MAX_PASSWORD_CHECKS; check += 1) {
      account = await this.accounts.find(email);
      const current = await this.accounts.checkPassword(account, password);
      if (!current) break;
      const signedIn = await this.openSession(current, device, options, attempt);
      if (signedIn) {
        await attempt.succeed();
        return signedIn;
      }
      // The account was changed while the password was checked: check the new state.
    }
    await attempt.fail(account?.user.id ?? null);
    throw invalidCredentials('The e-mail address or the password is wrong.');
  }

  /** Finds the user with this address and password. The caller must count the attempts (SignInLimits). */
  async findUserId(email: string, password: string): Promise<string | null> {
    const account = await this.accounts.checkPassword(await this.accounts.find(email), password);
    return account?.user.id ?? null;
  }

  profile(actor: Actor): Promise<UserView> {
    return this.getUser(actor.userId);
  }

  /** @throws DomainError NOT_FOUND */
  async getUser(id: string): Promise<UserView> {
    const user = await this.users.find(id);
    if (!user) throw notFound();
    return user;
  }

  /** A missing code or second factor is no failure of the attempt, a wrong code is. */
  private async openSession(
    account: SignInAccount,
    device: Device,
    options: SignInOptions,
    attempt: SignInAttempt,
  ): Promise<SignedIn | null> {
    try {
      return await this.signIns.open(account, device, options);
    } catch (error) {
      const isRightPassword = error instanceof DomainError && ['MFA_REQUIRED', 'FORBIDDEN'].includes(error.code);
      if (isRightPassword) await attempt.succeed();
      if (error instanceof DomainError && error.code === 'MFA_INVALID') await attempt.fail(account.user.id);
      throw error;
    }
  }
}
