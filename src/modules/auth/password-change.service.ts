import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { DomainError, notFound } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import { CredentialsService, Passwords, UsersService } from '../users/index.js';
import type { ChangePassword } from './auth.dto.js';
import type { Device } from './device.js';
import { SignInLimits } from './sign-in-limits.js';

@Injectable()
export class PasswordChangeService {
  constructor(
    private readonly db: Database,
    private readonly users: UsersService,
    private readonly credentials: CredentialsService,
    private readonly passwords: Passwords,
    private readonly limits: SignInLimits,
  ) {}

  /** Changes the password and ends all other sessions of the user. The address of the account gets a mail. */
  async change(actor: Actor, request: ChangePassword, device: Device): Promise<null> {
    const { userId, sessionId } = actor;
    const user = await this.users.find(userId);
    if (!user) throw notFound();
    const attempt = await this.limits.begin(user.email ?? userId, device.ip);
    const stored = (await this.users.findCredentials(userId))?.passwordHash ?? null;
    if (!(await this.passwords.matches(stored, request.currentPassword)) || stored === null) {
      await attempt.fail(userId);
      throw new DomainError('INVALID_CREDENTIALS', 'The current password is wrong.');
    }
    await attempt.succeed();
    const hash = await this.credentials.hashNewPassword(userId, request.newPassword, 'newPassword');
    return this.db.transaction(async () => {
      if (await this.credentials.changePassword(userId, hash, stored, sessionId)) return null;
      throw new DomainError('INVALID_CREDENTIALS', 'The password was changed by another request. Try again.');
    });
  }
}
