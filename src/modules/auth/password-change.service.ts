import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { DomainError, notFound } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import { Passwords, UsersService } from '../users/index.js';
import type { ChangePassword } from './auth.dto.js';
import type { Device } from './device.js';
import { SignInLimits } from './sign-in-limits.js';

@Injectable()
export class PasswordChangeService {
  constructor(
    private readonly db: Database,
    private readonly users: UsersService,
    private readonly passwords: Passwords,
    private readonly limits: SignInLimits,
    private readonly changes: ChangeLog,
  ) {}

  /** Changes the password and ends all other sessions of the user. */
  async change(actor: Actor, request: ChangePassword, device: Device): Promise<null> {
    const user = await this.users.find(actor.userId);
    if (!user) throw notFound();
    const attempt = await this.limits.begin(user.email ?? actor.userId, device.ip);
    const credentials = await this.users.findCredentials(actor.userId);
    if (!(await this.passwords.matches(credentials?.passwordHash ?? null, request.currentPassword))) {
      await attempt.fail(actor.userId);
      throw new DomainError('INVALID_CREDENTIALS', 'The current password is wrong.');
    }
    await attempt.succeed();
    this.passwords.assertStrong(request.newPassword, user, 'newPassword');
    const hash = await this.passwords.hash(request.newPassword);
    return this.db.transaction(async () => {
      if (!(await this.users.setPasswordHash(actor.userId, hash, credentials?.passwordHash ?? ''))) {
        throw new DomainError('INVALID_CREDENTIALS', 'The password was changed by another request. Try again.');
      }
      await this.users.endSessions(actor.userId, 'password changed', actor.sessionId);
      await this.changes.record({
        action: 'user.password-changed',
        objectType: 'user',
        objectId: actor.userId,
        event: null,
      });
      return null;
    });
  }
}
