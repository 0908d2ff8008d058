import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import { PendingSignIn } from './pending-sign-in.entity.js';

/** Hand-written SQL: times come from the database's clock, and have microseconds, which a Date has not. */
@Injectable()
export class PendingSignInsRepository {
  constructor(private readonly db: Database) {}

  async insert(id: string, userId: string, authorizationChangedAt: string): Promise<void> {
    await this.db.rows(
      `INSERT INTO pending_sign_in (id, user_id, authorization_changed_at, expires_at)
       VALUES ($1, $2, $3::timestamptz, now() + interval '5 minutes')`,
      [id, userId, authorizationChangedAt],
    );
  }

  /** The user, unless the sign-in has expired or the account was changed since. */
  async findUser(id: string): Promise<string | null> {
    const row = await this.db.row<{ userId: string }>(
      `SELECT p.user_id AS "userId" FROM pending_sign_in p JOIN user_account u ON u.id = p.user_id
       WHERE p.id = $1 AND p.expires_at > now() AND u.authorization_changed_at = p.authorization_changed_at`,
      [id],
    );
    return row?.userId ?? null;
  }

  /** @returns false if it was already used */
  async delete(id: string): Promise<boolean> {
    return (await this.db.repository(PendingSignIn).delete({ id })).affected === 1;
  }

  async deleteExpired(): Promise<void> {
    await this.db.rows('DELETE FROM pending_sign_in WHERE expires_at < now()');
  }
}
