import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { DomainError, forbidden, notFound } from '../../../core/kernel/domain-error.js';
import { UsersService } from '../../users/index.js';
import type { MfaSetupView, MfaStateView, RecoveryCodesView } from './mfa.dto.js';
import { MfaChanges } from './mfa-changes.js';
import { MfaRepository } from './mfa.repository.js';
import { hashRecoveryCode, newRecoveryCodes, newSecret, toUri } from './one-time-codes.js';
import { SecondFactor } from './second-factor.service.js';

/** Lets users switch their second factor on and off. The caller must have asserted fresh proof of identity. */
@Injectable()
export class MfaService {
  constructor(
    private readonly db: Database,
    private readonly factors: MfaRepository,
    private readonly secondFactor: SecondFactor,
    private readonly users: UsersService,
    private readonly changes: MfaChanges,
  ) {}

  async getState(actor: Actor): Promise<MfaStateView> {
    const { userId } = actor;
    return {
      enabled: await this.factors.isEnabled(userId),
      required: this.changes.isRequired(actor),
      recoveryCodesLeft: await this.factors.countRecoveryCodes(userId),
    };
  }

  /** Creates a secret, which replaces that of an unfinished setup. Sign-in does not change before `enable`. */
  async setUp({ userId }: Actor): Promise<MfaSetupView> {
    const user = await this.users.find(userId);
    if (!user) throw notFound();
    const secret = newSecret();
    await this.factors.setPending(userId, this.secondFactor.encrypt(userId, secret));
    return { secret, otpauthUri: toUri(secret, user.email ?? `${user.firstName} ${user.lastName}`) };
  }

  /**
   * Switches the second factor on, or replaces it, with a code of the secret of the last setup. Ends all other sessions.
   * @throws DomainError INVALID_TRANSITION without a setup, MFA_INVALID, RATE_LIMITED
   */
  async enable({ userId, sessionId }: Actor, otp: string): Promise<RecoveryCodesView> {
    const pending = (await this.factors.find(userId))?.pendingSecret;
    if (!pending) throw new DomainError('INVALID_TRANSITION', 'Set the second factor up first (POST /auth/mfa/setup).');
    const step = await this.secondFactor.verifyCode(userId, pending, otp);
    return this.db.transaction(async () => {
      if (!(await this.factors.enable(userId, pending, step))) {
        throw new DomainError('INVALID_TRANSITION', 'The setup was finished or restarted by another request.');
      }
      const view = await this.replaceRecoveryCodes(userId);
      await this.changes.completeSwitch(userId, 'ENABLED', sessionId);
      return view;
    });
  }

  /** Ends all other sessions. @throws DomainError INVALID_TRANSITION if it is off, FORBIDDEN if the user must have it */
  async disable(actor: Actor): Promise<null> {
    this.changes.assertMaySwitchOff(actor);
    const { userId, sessionId } = actor;
    return this.db.transaction(async () => {
      if (!(await this.factors.disable(userId))) throw isOff();
      await this.changes.completeSwitch(userId, 'DISABLED', sessionId);
      return null;
    });
  }

  /** Replaces all recovery codes. @throws DomainError INVALID_TRANSITION if the second factor is off */
  async renewRecoveryCodes(actor: Actor): Promise<RecoveryCodesView> {
    const { userId } = actor;
    return this.db.transaction(async () => {
      if (!(await this.factors.lockEnabled(userId))) throw isOff();
      const view = await this.replaceRecoveryCodes(userId);
      await this.changes.recordNewCodes(actor);
      return view;
    });
  }

  /**
   * A MANAGER may switch off the second factor of the people of their clinics, except other managers; an ADMIN that of everybody
   * else.
   * @throws DomainError NOT_FOUND, FORBIDDEN for the own account
   */
  async assertMayReset(actor: Actor, userId: string): Promise<void> {
    await this.users.get(actor, userId);
    if (actor.userId === userId) throw forbidden('Switch off your own second factor with POST /auth/mfa/disable.');
  }

  /**
   * Switches off the second factor of somebody who lost their device, and ends their sessions.
   * @throws DomainError NOT_FOUND, FORBIDDEN for the own account, INVALID_TRANSITION if it is off
   */
  async reset(actor: Actor, userId: string): Promise<null> {
    await this.assertMayReset(actor, userId);
    return this.db.transaction(async () => {
      if (!(await this.factors.disable(userId))) throw isOff();
      await this.changes.completeSwitch(userId, 'RESET');
      return null;
    });
  }

  private async replaceRecoveryCodes(userId: string): Promise<RecoveryCodesView> {
    const recoveryCodes = newRecoveryCodes();
    const hashes = recoveryCodes.map((code) => hashRecoveryCode(userId, code));
    await this.factors.replaceRecoveryCodes(userId, hashes);
    return { recoveryCodes };
  }
}

const isOff = (): DomainError => new DomainError('INVALID_TRANSITION', 'The second factor is switched off.');
