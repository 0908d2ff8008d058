import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../core/kernel/actor.js';
import { DomainError, notFound } from '../../../core/kernel/domain-error.js';
import { reauthenticationRequired, type Proof } from '../../../core/security/fresh-proof.js';
import { sessionEnded } from '../../../core/security/tokens.js';
import { Passwords, SignInAccounts, type SignInAccount } from '../../users/index.js';
import { invalidCredentials } from '../auth.errors.js';
import type { Device } from '../device.js';
import { SessionsRepository } from '../sessions.repository.js';
import { SignInLimits } from '../sign-in-limits.js';
import { SecondFactor } from './second-factor.service.js';

/** Fresh proof of identity, which sensitive changes need in addition to a session. */
@Injectable()
export class ReauthenticationService {
  constructor(
    private readonly accounts: SignInAccounts,
    private readonly passwords: Passwords,
    private readonly limits: SignInLimits,
    private readonly sessions: SessionsRepository,
    private readonly secondFactor: SecondFactor,
  ) {}

  /**
   * Makes this session count as freshly proven for ten minutes.
   * @throws DomainError INVALID_CREDENTIALS, MFA_REQUIRED, MFA_INVALID, RATE_LIMITED; FORBIDDEN for an account without a password
   * and second factor, whose owner signs in at the identity provider again
   */
  async reauthenticate(actor: Actor, proof: Proof, device: Device): Promise<null> {
    await this.check(actor, proof, device);
    await this.markProven(actor);
    return null;
  }

  /**
   * Asserts fresh proof: of this session, or a password (and code) in the request, which counts as a sign-in attempt. Call it
   * outside of transactions, since a failure is recorded.
   * @throws DomainError FORBIDDEN with `details.reason` REAUTHENTICATE, RATE_LIMITED
   */
  async assertFresh(actor: Actor, proof: Proof, device: Device): Promise<void> {
    if (await this.sessions.isProven(actor.sessionId, actor.userId)) return;
    await this.checkSentProof(actor, proof, device);
  }

  /** Like `assertFresh`, but proof in the request counts for this session from now on. */
  async assertFreshAndMarkProven(actor: Actor, proof: Proof, device: Device): Promise<void> {
    if (await this.sessions.isProven(actor.sessionId, actor.userId)) return;
    await this.checkSentProof(actor, proof, device);
    await this.markProven(actor);
  }

  /** For a user who has just signed in again at their identity provider, or otherwise proven who they are. */
  async markProven({ sessionId, userId }: Pick<Actor, 'sessionId' | 'userId'>): Promise<void> {
    if (!(await this.sessions.markProven(sessionId, userId))) throw notFound();
  }

  /**
   * Checks the password of the caller, which counts as a sign-in attempt.
   * @returns the stored hash @throws DomainError INVALID_CREDENTIALS, also for an account without a password; RATE_LIMITED
   */
  async checkPassword({ userId }: Actor, password: string, device: Device): Promise<string> {
    return this.comparePassword(await this.getAccount(userId), password, device);
  }

  /**
   * For a caller whose password was just checked: does the work if this session is freshly proven, if the account has no second
   * factor, or with its code, which is not used if the work fails.
   * @throws DomainError FORBIDDEN with `details.reason` REAUTHENTICATE, RATE_LIMITED
   */
  async withSecondFactor<T>({ userId, sessionId }: Actor, otp: string | undefined, work: () => Promise<T>): Promise<T> {
    if (await this.sessions.isProven(sessionId, userId)) return work();
    try {
      return await this.secondFactor.check(userId, otp, work);
    } catch (error) {
      throw isMfaRefusal(error) ? reauthenticationRequired() : error;
    }
  }

  /**
   * Call it in the transaction of a sensitive change, after the account was locked: a reset of the password, or “sign out
   * everywhere”, may have ended the session after the request was let in. @throws DomainError TOKEN_REVOKED
   */
  async assertSessionOpen({ sessionId, userId }: Actor): Promise<void> {
    if (!(await this.sessions.isOpen(sessionId, userId))) throw sessionEnded();
  }

  /** @throws DomainError FORBIDDEN without proof in the request, or with a wrong one; RATE_LIMITED */
  private async checkSentProof(actor: Actor, proof: Proof, device: Device): Promise<void> {
    if (proof.password === undefined && proof.otp === undefined) throw reauthenticationRequired();
    try {
      await this.check(actor, proof, device);
    } catch (error) {
      throw error instanceof DomainError && REFUSALS.includes(error.code) ? reauthenticationRequired() : error;
    }
  }

  private async check(actor: Actor, { password, otp }: Proof, device: Device): Promise<void> {
    const account = await this.getAccount(actor.userId);
    if (account.passwordHash === null) {
      if (otp === undefined || !(await this.secondFactor.isEnabled(actor.userId))) throw reauthenticationRequired();
      return this.secondFactor.check(actor.userId, otp, noWork);
    }
    await this.comparePassword(account, password ?? '', device);
    await this.secondFactor.check(actor.userId, otp, noWork);
  }

  private async getAccount(userId: string): Promise<SignInAccount> {
    const account = await this.accounts.findById(userId);
    if (!account) throw notFound();
    return account;
  }

  /** Counts as a sign-in attempt. @returns the stored hash @throws DomainError INVALID_CREDENTIALS, RATE_LIMITED */
  private async comparePassword(
    { user, passwordHash }: SignInAccount,
    password: string,
    device: Device,
  ): Promise<string> {
    const attempt = await this.limits.begin(user.email ?? user.id, device.ip);
    if (!(await this.passwords.matches(passwordHash, password)) || passwordHash === null) {
      await attempt.fail(user.id);
      throw invalidCredentials('The password is wrong.');
    }
    await attempt.succeed();
    return passwordHash;
  }
}

const MFA_REFUSALS: readonly string[] = ['MFA_REQUIRED', 'MFA_INVALID'];
const REFUSALS: readonly string[] = ['INVALID_CREDENTIALS', ...MFA_REFUSALS];

const isMfaRefusal = (error: unknown): boolean => error instanceof DomainError && MFA_REFUSALS.includes(error.code);

const noWork = (): Promise<void> => Promise.resolve();
