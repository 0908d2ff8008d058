import { Injectable } from '@nestjs/common';
import { Raw } from 'typeorm';
import { Database } from '../../../core/database/database.js';
import { ProviderSignIn, type SignInPurpose } from './provider-sign-in.entity.js';
import type { IdentityAccount } from './identities.repository.js';

/** What a code was exchanged for. */
export interface UsedCode {
  provider: string;
  userId: string;
  sessionId: string | null;
  subject: string;
  authorizationChangedAt: string;
  codeChallenge: string | null;
}

interface NewSignIn {
  id: string;
  provider: string;
  purpose: SignInPurpose;
  sessionId: string | null;
  codeChallenge: string | null;
}

/** Hand-written SQL: times come from the database's clock, and have microseconds, which a Date has not. */
@Injectable()
export class ProviderSignInsRepository {
  constructor(private readonly db: Database) {}

  /** Begins to handle a callback. @returns false if it was handled before, or is being handled */
  async begin({ id, provider, purpose, sessionId, codeChallenge }: NewSignIn): Promise<boolean> {
    const row = await this.db.row(
      `INSERT INTO provider_sign_in (id, provider, purpose, session_id, code_challenge, expires_at)
       VALUES ($1, $2, $3, $4, $5, now() + interval '1 hour') ON CONFLICT (id) DO NOTHING RETURNING id`,
      [id, provider, purpose, sessionId, codeChallenge],
    );
    return row !== null;
  }

  /** Stores the result of a callback. From now on, its code can be exchanged for a minute. */
  async complete(id: string, { userId, authorizationChangedAt }: IdentityAccount, subject: string): Promise<void> {
    await this.db.rows(
      `UPDATE provider_sign_in SET user_id = $2, authorization_changed_at = $3::timestamptz, subject = $4,
              code_expires_at = now() + interval '60 seconds'
       WHERE id = $1`,
      [id, userId, authorizationChangedAt, subject],
    );
  }

  /** Uses a code. @returns null if it was used before or has expired, or the account was changed since */
  use(id: string, purpose: SignInPurpose): Promise<UsedCode | null> {
    return this.db.row<UsedCode>(
      `UPDATE provider_sign_in p SET used_at = now()
       FROM user_account u
       WHERE p.id = $1 AND p.purpose = $2 AND p.used_at IS NULL AND p.code_expires_at > now() AND u.id = p.user_id
         AND u.deleted_at IS NULL AND u.authorization_changed_at = p.authorization_changed_at
       RETURNING p.provider, p.user_id AS "userId", p.session_id AS "sessionId", p.subject, p.code_challenge AS "codeChallenge",
                 p.authorization_changed_at::text AS "authorizationChangedAt"`,
      [id, purpose],
    );
  }

  async deleteExpired(): Promise<void> {
    await this.db.repository(ProviderSignIn).delete({ expiresAt: Raw((column) => `${column} < now()`) });
  }
}
