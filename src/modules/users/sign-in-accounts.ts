import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { AccountContacts } from './account-contacts.js';
import { Passwords } from './passwords.js';
import { FROM_USER, USER_COLUMNS, type UserRow } from './user-view.sql.js';
import type { UserView } from './users.dto.js';
import { UsersRepository } from './users.repository.js';

/** An account as it was read before the password was checked. */
export interface SignInAccount {
  user: UserView;
  passwordHash: string | null;
  /** When role, clinics or sessions of the account last changed, as text because a Date has no microseconds. */
  authorizationChangedAt: string;
  /** Whether the user can sign in at an identity provider. */
  hasIdentity: boolean;
  /** Whether sign-in needs the code of a second factor. */
  hasSecondFactor: boolean;
}

/** Accounts as sign-in and fresh proof of identity need them. Hand-written SQL: signing in is frequent. */
@Injectable()
export class SignInAccounts {
  constructor(
    private readonly db: Database,
    private readonly contacts: AccountContacts,
    private readonly users: UsersRepository,
    private readonly passwords: Passwords,
  ) {}

  /** The account that signs in with the address. Accounts with a password come first: at the front desk an address is only contact data. */
  async find(email: string): Promise<SignInAccount | null> {
    return this.read('u.email_index = $1', await this.contacts.emailIndex(email));
  }

  findById(id: string): Promise<SignInAccount | null> {
    return this.read('u.id = $1', id);
  }

  /** @returns the account with its current password hash; null, after the same time, for a wrong password or no account */
  async checkPassword(account: SignInAccount | null, password: string): Promise<SignInAccount | null> {
    const stored = account?.passwordHash ?? null;
    if (!(await this.passwords.matches(stored, password)) || !account || !stored) return null;
    if (!this.passwords.isOutdated(stored)) return account;
    const passwordHash = await this.passwords.hash(password);
    await this.users.setPasswordHash(account.user.id, passwordHash, stored);
    return { ...account, passwordHash };
  }

  private async read(condition: string, value: string | Buffer): Promise<SignInAccount | null> {
    const row = await this.db.row<UserRow & Omit<SignInAccount, 'user'>>(
      `SELECT ${USER_COLUMNS}, u.password_hash AS "passwordHash",
              u.authorization_changed_at::text AS "authorizationChangedAt", u.has_identity AS "hasIdentity",
              EXISTS (SELECT FROM mfa_factor f WHERE f.user_id = u.id AND f.enabled_at IS NOT NULL) AS "hasSecondFactor" ${FROM_USER}
       WHERE ${condition} AND u.deleted_at IS NULL ORDER BY u.password_hash IS NULL, NOT u.has_identity, u.id LIMIT 1`,
      [value],
    );
    if (!row) return null;
    const { passwordHash, authorizationChangedAt, hasIdentity, hasSecondFactor, ...user } = row;
    return {
      user: this.contacts.read(user.id, user),
      passwordHash,
      authorizationChangedAt,
      hasIdentity,
      hasSecondFactor,
    };
  }
}
