import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Config } from '../../core/config/config.js';
import { Database } from '../../core/database/database.js';
import { NIL_ID } from '../../core/kernel/id.js';
import { DecryptionError, FieldCipher } from '../../core/security/field-cipher.js';
import { AccountContacts } from '../users/index.js';
import { SignInLimits } from './sign-in-limits.js';

export const RESET_REQUESTED = 'password:reset-requested';

/** Texts are padded to these lengths, so that the length of the ciphertext does not show theirs. */
const MAX_EMAIL_CHARACTERS = 254;
const MAX_IP_CHARACTERS = 64;

export interface ResetRequest {
  email: string;
  /** From where it was sent. */
  ip: string | null;
}

/**
 * Requests to reset a password. A request only writes the encrypted address to the outbox. Whether the address has an account is looked up
 * after the response, so the response and its time are the same for all addresses.
 */
@Injectable()
export class PasswordResetRequests {
  private readonly cipher: FieldCipher;

  constructor(
    private readonly db: Database,
    private readonly limits: SignInLimits,
    private readonly changes: ChangeLog,
    private readonly contacts: AccountContacts,
    config: Config,
  ) {
    this.cipher = FieldCipher.for(config, 'password-reset-requests');
  }

  /** @throws DomainError RATE_LIMITED */
  async request(email: string, ip: string | null): Promise<null> {
    const pseudonym = await this.limits.countResetRequest(email, ip);
    // An erasure finds the event by this index. It is stored for every address, so that it does not show which ones have an account.
    const emailIndex = (await this.contacts.emailIndex(email)).toString('hex');
    return this.db.transaction(async () => {
      await this.changes.record({
        action: 'user.password-reset-requested',
        objectType: 'user',
        objectId: NIL_ID,
        changes: { account: pseudonym },
        event: {
          name: RESET_REQUESTED,
          payload: { request: this.encrypt(email, ip), emailIndex },
        },
      });
      return null;
    });
  }

  /** Reads the event of a request. @returns null if it cannot be decrypted, because the secret was replaced */
  read({ request }: Readonly<Record<string, unknown>>): ResetRequest | null {
    try {
      const [email, ip] = this.cipher.decrypt(Buffer.from(String(request), 'base64'), RESET_REQUESTED) as string[];
      return { email: (email as string).trimEnd(), ip: ip?.trimEnd() || null };
    } catch (error) {
      if (error instanceof DecryptionError) return null;
      throw error;
    }
  }

  private encrypt(email: string, ip: string | null): string {
    const texts = [email.padEnd(MAX_EMAIL_CHARACTERS), (ip ?? '').padEnd(MAX_IP_CHARACTERS)];
    return this.cipher.encrypt(texts, RESET_REQUESTED).toString('base64');
  }
}
