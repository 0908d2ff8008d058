import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Actor } from '../../core/kernel/actor.js';
import { CredentialsService } from '../users/index.js';
import type { ChangePassword } from './auth.dto.js';
import { invalidCredentials } from './auth.errors.js';
import type { Device } from './device.js';
import { ReauthenticationService } from './mfa/reauthentication.service.js';

/** Lets signed-in users replace their password. */
@Injectable()
export class PasswordChangeService {
  constructor(
    private readonly db: Database,
    private readonly credentials: CredentialsService,
    private readonly reauthentication: ReauthenticationService,
  ) {}

  /**
   * Changes the password and ends all other sessions of the user. The address of the account gets a mail. A new password that is
   * refused does not use up the code.
   * @throws DomainError INVALID_CREDENTIALS, VALIDATION_ERROR on `newPassword`, RATE_LIMITED; FORBIDDEN without fresh proof of the second
   * factor
   */
  async change(actor: Actor, request: ChangePassword, device: Device): Promise<null> {
    const { userId } = actor;
    const previousHash = await this.reauthentication.checkPassword(actor, request.currentPassword, device);
    const hash = await this.credentials.hashNewPassword(userId, request.newPassword, 'newPassword');
    return this.reauthentication.withSecondFactor(actor, request.otp, () =>
      this.db.transaction(async () => {
        await this.replace(actor, hash, previousHash);
        return null;
      }),
    );
  }

  private async replace(actor: Actor, hash: string, previousHash: string): Promise<void> {
    const { userId, sessionId } = actor;
    if (!(await this.credentials.changePassword({ userId, hash, previousHash, sessionId }))) {
      throw invalidCredentials('The password was changed by another request. Try again.');
    }
    await this.reauthentication.assertSessionOpen(actor);
  }
}
