import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../../core/changes/change-log.js';
import { forbidden, notFound } from '../../../core/kernel/domain-error.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { MfaRequirements } from '../../../core/security/mfa-requirements.js';
import { sessionEnded } from '../../../core/security/tokens.js';
import { AccountAccess, UsersService } from '../../users/index.js';
import { SessionsRepository } from '../sessions.repository.js';

const CHANGES = {
  ENABLED: { action: 'user.mfa-enabled', notice: 'MFA_ENABLED', sessionEndReason: 'second factor switched on' },
  DISABLED: { action: 'user.mfa-disabled', notice: 'MFA_DISABLED', sessionEndReason: 'second factor switched off' },
  RESET: { action: 'user.mfa-reset', notice: 'MFA_RESET', sessionEndReason: 'second factor reset' },
  CODES_RENEWED: { action: 'user.mfa-codes-renewed', notice: 'MFA_CODES_RENEWED' },
  CODE_USED: { action: 'user.mfa-recovery-code-used', notice: 'MFA_CODE_USED' },
} as const;

/**
 * What follows a change of a second factor: audit, a mail to the owner, ended sessions. Call it in the transaction of the change. Also
 * knows who must have a second factor.
 */
@Injectable()
export class MfaChanges {
  constructor(
    private readonly changes: ChangeLog,
    private readonly users: UsersService,
    private readonly access: AccountAccess,
    private readonly requirements: MfaRequirements,
    private readonly sessions: SessionsRepository,
  ) {}

  isRequired(actor: Actor): boolean {
    return this.requirements.isRequired(actor);
  }

  /** @throws DomainError FORBIDDEN for a user who must have a second factor */
  assertMaySwitchOff(actor: Actor): void {
    if (this.isRequired(actor)) {
      throw forbidden('Your role needs a second factor. To change the device, set it up again.', {
        reason: 'MFA_ENROLMENT',
      });
    }
  }

  /**
   * Completes a switch: ends the sessions of the user, except one, tells all processes whether the user has a second factor now, and
   * records the change.
   * @throws DomainError TOKEN_REVOKED if that one has ended meanwhile
   */
  async completeSwitch(
    userId: string,
    change: 'ENABLED' | 'DISABLED' | 'RESET',
    exceptSession?: string,
  ): Promise<void> {
    await this.access.endSessions(userId, CHANGES[change].sessionEndReason, exceptSession);
    if (exceptSession !== undefined) await this.assertOpen(exceptSession, userId);
    await this.access.announceFactor(userId, change === 'ENABLED');
    await this.record(userId, change);
  }

  /** @throws DomainError TOKEN_REVOKED if the session has ended meanwhile */
  async recordNewCodes({ userId, sessionId }: Actor): Promise<void> {
    await this.assertOpen(sessionId, userId);
    await this.record(userId, 'CODES_RENEWED');
  }

  /** At a sign-in, the request has no actor yet. */
  async recordUsedRecoveryCode(userId: string): Promise<void> {
    const user = await this.users.find(userId);
    if (!user) throw notFound();
    await this.record(userId, 'CODE_USED', { userId, role: user.role });
  }

  /** A reset of the password may have ended the session after the request was let in. */
  private async assertOpen(sessionId: string, userId: string): Promise<void> {
    if (!(await this.sessions.isOpen(sessionId, userId))) throw sessionEnded();
  }

  private async record(userId: string, change: keyof typeof CHANGES, actor?: Pick<Actor, 'userId' | 'role'>) {
    const { action, notice } = CHANGES[change];
    await this.changes.record({ action, objectType: 'user', objectId: userId, actor, event: null });
    await this.access.notifyOwner(userId, notice);
  }
}
