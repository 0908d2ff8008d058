import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { Database } from '../../core/database/database.js';
import { byCreation, keyset, limitClause, type Page, toPage } from '../../core/http/page.js';
import type { Actor, Role } from '../../core/kernel/actor.js';
import { canonicalEmail } from '../../core/kernel/email.js';
import { accountMatches } from './account-conditions.js';
import { AccountContacts } from './account-contacts.js';
import { User } from './user.entity.js';
import { FROM_USER, USER_COLUMNS, type UserRow } from './user-view.sql.js';
import type { UsersQuery, UserView } from './users.dto.js';
import { emailTaken } from './users.errors.js';

/**
 * SQL condition on `user_account u`: the account has its address for itself, because somebody signs in with it or it is not a patient's.
 * On a record of the front desk, an address is only contact data.
 */
const OWNS_ADDRESS = `
  (u.role <> 'CLIENT' OR u.password_hash IS NOT NULL OR u.email_verified_at IS NOT NULL OR u.has_identity)`;

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

export interface SaveOptions {
  /** Whether role or clinics changed. The time of the change comes from the database's clock, which all processes share. */
  authorizationChanged?: boolean;
}

const SORTS = {
  createdAt: byCreation('u.id'),
  lastName: { column: 'u.last_name', type: 'text' },
} as const;

/** Accounts: views, lists and rows. Hand-written SQL: views join several tables, and lists use cursors. */
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

  /** Lists the users that the actor may see, with the same rule as `maySeeUser`. */
  async list(actor: Actor, query: UsersQuery): Promise<Page<UserView>> {
    const page = keyset({ sort: query.sort, columns: SORTS, idColumn: 'u.id', cursor: query.cursor });
    const values: unknown[] = [];
    const bind = (value: unknown): string => `$${values.push(value)}`;
    const where = ['u.deleted_at IS NULL'];
    const inClinics = (ids: readonly string[]): string =>
      `EXISTS (SELECT FROM user_clinic x WHERE x.user_id = u.id AND x.clinic_id = ANY (${bind(ids)}::uuid[]))`;
    if (actor.role !== 'ADMIN') {
      const managed = `u.role NOT IN ('MANAGER', 'ADMIN') AND ${inClinics(actor.clinicIds)}`;
      where.push(`(u.id = ${bind(actor.userId)}::uuid OR (${managed}))`);
    }
    if (query.clinicId) where.push(inClinics([query.clinicId]));
    if (query.role) where.push(`u.role = ${bind(query.role)}`);
    if (query.q) {
      where.push(accountMatches(query.q, await this.contacts.emailIndex(canonicalEmail(query.q)), bind));
    }
    const condition = where.join(' AND ');
    const countValues = [...values];
    const after = page.where(values.length + 1);
    values.push(...page.values);
    const rows = await this.db.rows<UserRow>(
      `SELECT ${USER_COLUMNS} ${FROM_USER} WHERE ${condition} ${after} ${page.orderBy}
       ${limitClause(query.limit, bind)}`,
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

  /**
   * Locks an account until the transaction ends. Not `FOR UPDATE`, which would make every row that refers to the account wait: two
   * transactions that each lock an account and write a message to the other's owner would wait for each other.
   */
  async lock(id: string): Promise<User | null> {
    const user = await this.db.repository(User).findOne({ where: { id }, lock: { mode: 'for_no_key_update' } });
    return user && this.contacts.decryptUser(user);
  }

  async save(user: User, { authorizationChanged = false }: SaveOptions = {}): Promise<void> {
    // A Date has no microseconds: if the time was written back, sign-ins in progress would not recognize the account.
    const { id, email, phone, authorizationChangedAt: _, ...columns } = user;
    const contacts = await this.contacts.encrypt(id, { email, phone });
    const changed = authorizationChanged && { authorizationChangedAt: () => 'now()' };
    await this.db.repository(User).update({ id }, { ...columns, ...contacts, ...changed });
  }

  /** Like `save`, with the next version. */
  async saveNewVersion(user: User, now: Date, options?: SaveOptions): Promise<void> {
    user.version += 1;
    user.updatedAt = now;
    await this.save(user, options);
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

  /** Creates accounts that have no address for themselves. */
  async insertAll(users: readonly NewUser[], now: Date): Promise<void> {
    const rows = await Promise.all(
      users.map(async ({ email, phone, ...columns }) => {
        const contacts = await this.contacts.encrypt(columns.id, { email, phone });
        return { ...columns, ...contacts, authorizationChangedAt: now, version: 1, updatedAt: now, deletedAt: null };
      }),
    );
    await this.db.manager.createQueryBuilder().insert().into(User).values(rows).updateEntity(false).execute();
  }

  /** The blind indexes of those addresses that are verified for an account. */
  async findVerifiedEmailIndexes(emailIndexes: readonly Buffer[]): Promise<Buffer[]> {
    const rows = await this.db.rows<{ index: Buffer }>(
      `SELECT DISTINCT email_index AS index FROM user_account
       WHERE email_index = ANY ($1::bytea[]) AND deleted_at IS NULL AND email_verified_at IS NOT NULL`,
      [emailIndexes],
    );
    return rows.map(({ index }) => index);
  }

  /** Creates the empty patient record of a CLIENT if there is none. The table belongs to another feature. */
  async ensureClient(userId: string, clientId: string): Promise<void> {
    await this.db.rows(`INSERT INTO client (id, user_id) VALUES ($1, $2) ON CONFLICT (user_id) DO NOTHING`, [
      clientId,
      userId,
    ]);
  }

  async findPasswordHash(id: string): Promise<string | null> {
    const row = await this.db.row<{ passwordHash: string | null }>(
      `SELECT password_hash AS "passwordHash" FROM user_account WHERE id = $1 AND deleted_at IS NULL`,
      [id],
    );
    return row?.passwordHash ?? null;
  }

  /** Replaces the hash `from` (compare-and-set). @returns false if the stored hash was another one */
  async setPasswordHash(id: string, hash: string | null, from: string | null): Promise<boolean> {
    const { affected } = await this.db
      .repository(User)
      .update({ id, passwordHash: from ?? IsNull(), deletedAt: IsNull() }, { passwordHash: hash });
    return affected === 1;
  }

  /** Sets the password and the verified address of an account that has no password. @returns false if it has one, or was deleted */
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
}
