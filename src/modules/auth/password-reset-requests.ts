import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Config } from '../../core/config/config.js';
import { Database } from '../../core/database/database.js';
import { NIL_ID } from '../../core/kernel/id.js';
import { FieldCipher } from '../../core/security/field-cipher.js';
import { SignInLimits } from './sign-in-limits.js';

export const RESET_REQUESTED = 'password:reset-requested';

/**
 * Requests to reset a password. A request only writes the encrypted address to the outbox. Whether it has an account is looked up
 * after the response, so the response and its time are the same for all addresses.
 */
@Injectable()
export class PasswordResetRequests {
  private readonly cipher: FieldCipher;

  constructor(
    private readonly db: Database,
    private readonly limits: SignInLimits,
    private readonly changes: ChangeLog,
    config: Config,
  ) {
    this.cipher = FieldCipher.for(config, 'password-reset-requests');
  }

  /** @throws DomainError RATE_LIMITED */
  async request(email: string, ip: string | null): Promise<null> {
    const account = await this.limits.countResetRequest(email, ip);
    return this.db.transaction(async () => {
      await this.changes.record({
        action: 'user.password-reset-requested',
        objectType: 'user',
        objectId: NIL_ID,
        changes: { account },
        event: {
          name: RESET_REQUESTED,
          payload: {
            email: this.cipher.encrypt(email.padEnd(MAX_EMAIL_CHARACTERS), RESET_REQUESTED).toString('base64'),
          },
        },
      });
      return null;
    });
  }

  /** Reads the address from the event of a request. */
  readEmail({ email }: Readonly<Record<string, unknown>>): string {
    return String(this.cipher.decrypt(Buffer.from(email as string, 'base64'), RESET_REQUESTED)).trimEnd();
  }
}

/** The length of the ciphertext does not show the length of the address. */
const MAX_EMAIL_CHARACTERS = 254;
