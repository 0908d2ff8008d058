import { Injectable } from '@nestjs/common';
import { In, IsNull, Not } from 'typeorm';
import { lockKey } from '../../core/database/advisory-locks.js';
import { Database } from '../../core/database/database.js';
import { byCreation, keyset, limitClause, type Page, toPage } from '../../core/http/page.js';
import { canonicalEmail } from '../../core/kernel/email.js';
import { emailTaken } from './users.errors.js';
import type { Actor, Role } from '../../core/kernel/actor.js';
import { accountMatches } from './account-conditions.js';
import { AccountContacts, type EncryptedContacts } from './account-contacts.js';
import { UserClinic } from './user-clinic.entity.js';
import { User } from './user.entity.js';
import type { UsersQuery, UserView } from './users.dto.js';

const USER_COLUMNS = `
  u.id, u.email, u.first_name AS "firstName", u.last_name AS "lastName", u.phone, u.role, c.id AS "clientId",
  d.id AS "doctorId", ARRAY(SELECT clinic_id FROM user_clinic WHERE user_id = u.id ORDER BY clinic_id) AS "clinicIds",
  u.time_zone AS "timeZone", u.locale, u.email_verified_at IS NOT NULL AS "emailVerified", u.version,
  u.created_at AS "createdAt", u.updated_at AS "updatedAt"`;

/** A view as it is read, with encrypted contacts. */
type UserRow = Omit<UserView, keyof EncryptedContacts> & EncryptedContacts;

const FROM_USER = `
  FROM user_account u LEFT JOIN client c ON c.user_id = u.id
  LEFT JOIN doctor d ON d.user_id = u.id AND d.deleted_at IS NULL`;

/**
 * SQL condition on `user_account u`: the account has its address for itself, because somebody signs in with it or it is not a patient's.
 * On a record of the front desk, an address is only contact data.
 */
const OWNS_ADDRESS = `
  (u.role <> 'CLIENT' OR u.password_hash IS NOT NULL OR u.email_verified_at IS NOT NULL OR u.has_identity)`;

export interface Credentials {
  userId: string;
  passwordHash: string | null;
}

/** An account as it was read before the password was checked. */
export interface SignInAccount {
  user: UserView;
  passwordHash: string | null;
  /** When role, clinics or sessions of the account last changed, as text because a Date has no microseconds. */
  authorizationChangedAt: string;
  /** Whether the user can sign in at an identity provider. */
  hasIdentity: boolean;
  /** Whether sign-in needs the code of a second factor. */
  hasMfa: boolean;
}

/** The location of a clinic. It gives default values for its people. */
export interface Place {
  /** ISO 3166-1 alpha-2 */
  country: string | null;
  timeZone: string;
  locale: string;
}

export interface NewUser {
  id: string;
  email: string | null;
  passwordHash: string | null;
  role: Role;
  firstName: string;
  lastName: string;
  phone: string | null;
  timeZone: string;
  locale: string;
  /** Whether the user registers at an identity provider. */
  hasIdentity?: boolean;
  /** Only of an address that was verified elsewhere. */
  emailVerifiedAt?: Date | null;
}

const SORTS = {
  createdAt: byCreation('u.id'),
  lastName: { column: 'u.last_name', type: 'text' },
} as const;

/** Hand-written SQL: views join several tables, lists use cursors, and signing in is frequent. */
@Injectable()
export class UsersRepository {
  constructor(
    private readonly db: Database,
    private readonly contacts: AccountContacts,
  ) {}

  async find(id: string): Promise<UserView | null> {
    const sql = `SELECT ${USER_COLUMNS} ${FROM_USER} WHERE u.id = $1 AND u.deleted_at IS NULL`;
    const row = await this.db.row<UserRow>(sql, [id]);
    return row && this.contacts.read(id, row);
  }

  /**
   * Locks an account until the transaction ends. Not `FOR UPDATE`, which would make every row that refers to the account wait: two
   * transactions that each lock an account and write a message to the other's owner would wait for each other.
   */
  async lock(id: string): Promise<User | null> {
    const user = await this.db.repository(User).findOne({ where: { id }, lock: { mode: 'for_no_key_update' } });
    return user && this.contacts.decryptUser(user);
  }

  /** @param authorizationChanged whether role or clinics changed; its time comes from the database's clock, which all processes share */
  async save(user: User, authorizationChanged = false): Promise<void> {
    const { id, email, phone, ...columns } = user;
    const contacts = await this.contacts.encrypt(id, { email, phone });
    const changed = authorizationChanged && { authorizationChangedAt: () => 'now()' };
    await this.db.repository(User).update({ id }, { ...columns, ...contacts, ...changed });
  }

  /** @throws DomainError EMAIL_TAKEN */
  async insert(user: NewUser, now: Date): Promise<void> {
    const { email, phone, ...columns } = user;
    const contacts = await this.contacts.encrypt(user.id, { email, phone });
    // ON CONFLICT DO NOTHING: with a constraint error, PostgreSQL would write the address to its log.
    const result: { raw: unknown } = await this.db.manager
      .createQueryBuilder()
      .insert()
      .into(User)
      .values({ ...columns, ...contacts, authorizationChangedAt: now, version: 1, updatedAt: now, deletedAt: null })
      .orIgnore()
      .returning('id')
      .updateEntity(false)
      .execute();
    if ((result.raw as unknown[]).length === 0) throw emailTaken();
  }

  /** Sets the password of an account that has none. @returns false if it has one, or was deleted */
  async setFirstPassword(id: string, passwordHash: string, email: string, verifiedAt: Date): Promise<boolean> {
    const contacts = await this.contacts.encryptEmail(id, email);
    const { affected } = await this.db
      .repository(User)
      .update(
        { id, passwordHash: IsNull(), deletedAt: IsNull() },
        { passwordHash, ...contacts, emailVerifiedAt: verifiedAt, updatedAt: verifiedAt, version: () => 'version + 1' },
      );
    return affected === 1;
  }

  /** The account that has the address for itself. */
  async findOwner(email: string): Promise<UserView | null> {
    const row = await this.db.row<UserRow>(
      `SELECT ${USER_COLUMNS} ${FROM_USER} WHERE u.email_index = $1 AND u.deleted_at IS NULL AND ${OWNS_ADDRESS}`,
      [await this.contacts.emailIndex(email)],
    );
    return row && this.contacts.read(row.id, row);
  }

  /** Whether the address is the verified address of an account. */
  async isVerified(email: string): Promise<boolean> {
    const row = await this.db.row(
      `SELECT 1 AS one FROM user_account
       WHERE email_index = $1 AND deleted_at IS NULL AND email_verified_at IS NOT NULL LIMIT 1`,
      [await this.contacts.emailIndex(email)],
    );
    return row !== null;
  }

  /** Whether the patient of an account has visits that were not cancelled. The tables belong to other features. */
  async hasVisits(id: string): Promise<boolean> {
    const row = await this.db.row(
      `SELECT 1 AS one FROM client c JOIN appointment a ON a.client_id = c.id AND a.status <> 'CANCELLED'
       WHERE c.user_id = $1 LIMIT 1`,
      [id],
    );
    return row !== null;
  }

  /** Whether another administrator can sign in. Also locks the administrators until the transaction ends. */
  async hasOtherAdministrator(id: string): Promise<boolean> {
    await this.db.rows(`SELECT pg_advisory_xact_lock(${lockKey('administrators', `'all'`)})`);
    const row = await this.db.row(
      `SELECT 1 AS one FROM user_account
       WHERE role = 'ADMIN' AND deleted_at IS NULL AND id <> $1
         AND (password_hash IS NOT NULL OR email_verified_at IS NOT NULL OR has_identity) LIMIT 1`,
      [id],
    );
    return row !== null;
  }

  /** The id of the account that has the address for itself. */
  async findOwnerOfEmail(email: string): Promise<string | null> {
    const row = await this.db.row<{ id: string }>(
      `SELECT u.id FROM user_account u WHERE u.email_index = $1 AND u.deleted_at IS NULL AND ${OWNS_ADDRESS}`,
      [await this.contacts.emailIndex(email)],
    );
    return row?.id ?? null;
  }

  /** Creates the empty patient record of a CLIENT if there is none. The table belongs to another feature. */
  async ensureClient(userId: string, clientId: string): Promise<void> {
    await this.db.rows(`INSERT INTO client (id, user_id) VALUES ($1, $2) ON CONFLICT (user_id) DO NOTHING`, [
      clientId,
      userId,
    ]);
  }

  /** The account that signs in with the address. Accounts with a password come first: at the front desk an address is only contact data. */
  async findSignInAccount(email: string): Promise<SignInAccount | null> {
    return this.readSignInAccount('u.email_index = $1', await this.contacts.emailIndex(email));
  }

  findSignInAccountById(id: string): Promise<SignInAccount | null> {
    return this.readSignInAccount('u.id = $1', id);
  }

  findCredentials(id: string): Promise<Credentials | null> {
    return this.db.row<Credentials>(
      `SELECT id AS "userId", password_hash AS "passwordHash" FROM user_account WHERE id = $1 AND deleted_at IS NULL`,
      [id],
    );
  }

  /** Replaces the hash `from` (compare-and-set). @returns false if the stored hash was another one */
  async setPasswordHash(id: string, hash: string, from: string): Promise<boolean> {
    const { affected } = await this.db
      .repository(User)
      .update({ id, passwordHash: from, deletedAt: IsNull() }, { passwordHash: hash });
    return affected === 1;
  }

  async setClinics(id: string, clinicIds: string[]): Promise<void> {
    const links = this.db.repository(UserClinic);
    await links.delete({ userId: id, clinicId: Not(In(clinicIds)) });
    if (clinicIds.length === 0) return;
    const rows = clinicIds.map((clinicId) => ({ userId: id, clinicId }));
    await links.createQueryBuilder().insert().values(rows).orIgnore().updateEntity(false).execute();
  }

  /** Hand-written SQL: one statement inserts the row and changes the account if the row is new. @returns the user's clinics */
  async addClinic(id: string, clinicId: string): Promise<string[]> {
    await this.db.rows(
      `WITH added AS (
         INSERT INTO user_clinic (user_id, clinic_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING user_id)
       UPDATE user_account SET authorization_changed_at = now(), updated_at = now(), version = version + 1
       WHERE id IN (SELECT user_id FROM added)`,
      [id, clinicId],
    );
    const links = await this.db.repository(UserClinic).findBy({ userId: id });
    return links.map(({ clinicId }) => clinicId);
  }

  /**
   * Revokes the invitations to join clinics that a person left and, without a clinic, those to choose a password. The tables belong
   * to other features.
   */
  async revokeInvitations(id: string, leftClinicIds: readonly string[], hasClinics: boolean, now: Date): Promise<void> {
    await this.db.rows(
      `UPDATE account_link l SET revoked_at = $4 FROM invitation i
       WHERE i.id = l.id AND l.user_id = $1 AND l.used_at IS NULL AND l.revoked_at IS NULL
         AND CASE WHEN i.joins_clinic THEN i.clinic_id = ANY ($2::uuid[]) ELSE NOT $3::boolean END`,
      [id, leftClinicIds, hasClinics, now],
    );
  }

  /** Changes the account first: a session that is opened at the same time either ends here or is refused because of the change. */
  async endSessions(userId: string, reason: string, except: string | null = null): Promise<string[]> {
    await this.db.repository(User).update({ id: userId }, { authorizationChangedAt: () => 'now()' });
    // The table belongs to another feature.
    const rows = await this.db.rows<{ id: string }>(
      `UPDATE session SET revoked_at = now(), revoked_reason = $2
       WHERE user_id = $1 AND revoked_at IS NULL AND ($3::uuid IS NULL OR id <> $3) RETURNING id`,
      [userId, reason, except],
    );
    return rows.map(({ id }) => id);
  }

  /** Removes the user's identities at providers. The table belongs to another feature. */
  async removeIdentities(userId: string): Promise<void> {
    await this.db.rows('DELETE FROM provider_identity WHERE user_id = $1', [userId]);
  }

  /**
   * Removes the user's second factor, an unfinished setup and the recovery codes. The row stays, so that processes that start later know
   * the change. The tables belong to another feature.
   * @returns whether the second factor was switched on
   */
  async removeSecondFactor(userId: string): Promise<boolean> {
    const row = await this.db.row<{ wasEnabled: boolean }>(
      `UPDATE mfa_factor f SET secret = NULL, pending_secret = NULL, pending_at = NULL, enabled_at = NULL, changed_at = now()
       FROM (SELECT user_id, enabled_at FROM mfa_factor WHERE user_id = $1 FOR UPDATE) before
       WHERE f.user_id = before.user_id RETURNING before.enabled_at IS NOT NULL AS "wasEnabled"`,
      [userId],
    );
    await this.db.rows('DELETE FROM mfa_recovery_code WHERE user_id = $1', [userId]);
    return row?.wasEnabled ?? false;
  }

  /** Countries, time zones and languages of clinics, in the order of the ids. */
  getClinicPlaces(ids: readonly string[]): Promise<Place[]> {
    return this.db.rows<Place>(
      `SELECT country, time_zone AS "timeZone", locale FROM clinic
       WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL ORDER BY array_position($1::uuid[], id)`,
      [ids],
    );
  }

  /** The countries of all clinics, that of the oldest clinic first. */
  async getClinicCountries(): Promise<string[]> {
    const rows = await this.db.rows<{ country: string }>(
      `SELECT country FROM clinic WHERE country IS NOT NULL AND deleted_at IS NULL GROUP BY country ORDER BY min(id::text)`,
    );
    return rows.map(({ country }) => country);
  }

  /** Registers the patient of an account at these clinics. The table belongs to another feature. */
  async registerAt(userId: string, clinicIds: readonly string[]): Promise<void> {
    await this.db.rows(
      `INSERT INTO client_clinic (client_id, clinic_id, registered_at)
       SELECT c.id, clinic_id, now() FROM client c, unnest($2::uuid[]) AS clinic_id WHERE c.user_id = $1
       ON CONFLICT (client_id, clinic_id) DO UPDATE SET registered_at = coalesce(client_clinic.registered_at, now())`,
      [userId, clinicIds],
    );
  }

  async countClinics(ids: readonly string[]): Promise<number> {
    const row = await this.db.row<{ count: number }>(
      `SELECT count(*)::int AS count FROM clinic WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL`,
      [ids],
    );
    return row?.count ?? 0;
  }

  /** Lists the users that the actor may see, with the same rule as `maySeeUser`. */
  async list(actor: Actor, query: UsersQuery): Promise<Page<UserView>> {
    const page = keyset({ sort: query.sort, columns: SORTS, idColumn: 'u.id', cursor: query.cursor });
    const values: unknown[] = [];
    const take = (value: unknown): string => `$${values.push(value)}`;
    const where = ['u.deleted_at IS NULL'];
    const inClinics = (ids: readonly string[]): string =>
      `EXISTS (SELECT FROM user_clinic x WHERE x.user_id = u.id AND x.clinic_id = ANY (${take(ids)}::uuid[]))`;
    if (actor.role !== 'ADMIN') {
      const managed = `u.role NOT IN ('MANAGER', 'ADMIN') AND ${inClinics(actor.clinicIds)}`;
      where.push(`(u.id = ${take(actor.userId)}::uuid OR (${managed}))`);
    }
    if (query.clinicId) where.push(inClinics([query.clinicId]));
    if (query.role) where.push(`u.role = ${take(query.role)}`);
    if (query.q) {
      where.push(accountMatches(query.q, await this.contacts.emailIndex(canonicalEmail(query.q)), take));
    }
    const condition = where.join(' AND ');
    const countValues = [...values];
    const after = page.where(values.length + 1);
    values.push(...page.values);
    const rows = await this.db.rows<UserRow>(
      `SELECT ${USER_COLUMNS} ${FROM_USER} WHERE ${condition} ${after} ${page.orderBy}
       ${limitClause(query.limit, take)}`,
      values,
    );
    const total = query.withTotal
      ? await this.db.row<{ n: number }>(
          `SELECT count(*)::int AS n FROM user_account u WHERE ${condition}`,
          countValues,
        )
      : null;
    return toPage(rows, query.limit, page, total?.n).map((row) => this.contacts.read(row.id, row));
  }

  private async readSignInAccount(condition: string, value: string | Buffer): Promise<SignInAccount | null> {
    const row = await this.db.row<UserRow & Omit<SignInAccount, 'user'>>(
      `SELECT ${USER_COLUMNS}, u.password_hash AS "passwordHash",
              u.authorization_changed_at::text AS "authorizationChangedAt", u.has_identity AS "hasIdentity",
              EXISTS (SELECT FROM mfa_factor f WHERE f.user_id = u.id AND f.enabled_at IS NOT NULL) AS "hasMfa" ${FROM_USER}
       WHERE ${condition} AND u.deleted_at IS NULL ORDER BY u.password_hash IS NULL, NOT u.has_identity, u.id LIMIT 1`,
      [value],
    );
    if (!row) return null;
    const { passwordHash, authorizationChangedAt, hasIdentity, hasMfa, ...user } = row;
    return { user: this.contacts.read(user.id, user), passwordHash, authorizationChangedAt, hasIdentity, hasMfa };
  }
}
