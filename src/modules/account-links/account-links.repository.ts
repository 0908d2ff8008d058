import { Injectable } from '@nestjs/common';
import { In, IsNull, LessThan, MoreThan, type FindOptionsWhere } from 'typeorm';
import { lockKey } from '../../core/database/advisory-locks.js';
import { Database } from '../../core/database/database.js';
import { BlindIndex } from '../../core/encryption/blind-index.js';
import { encryptedField } from '../../core/encryption/encrypted-column.js';
import { FieldEncryption } from '../../core/encryption/field-encryption.js';
import { toPhoneKey } from '../../core/kernel/phone.js';
import { AccountLink, type LinkPurpose } from './account-link.entity.js';

export const LINK_EMAIL = encryptedField('account_link', 'email', { id: 'uuid' });
export const LINK_PHONE = encryptedField('account_link', 'phone', { id: 'uuid' });

type NewRow = Omit<
  AccountLink,
  'usedAt' | 'revokedAt' | 'encryptedEmail' | 'emailIndex' | 'encryptedPhone' | 'phoneIndex'
>;

/** Links of a purpose: those to an address or a telephone number, or those of an account. */
export type LinkFilter = { purpose: LinkPurpose } & ({ email: string } | { phone: string } | { userId: string });

/** One-time links. Their addresses and telephone numbers are stored encrypted. */
@Injectable()
export class AccountLinksRepository {
  constructor(
    private readonly db: Database,
    private readonly encryption: FieldEncryption,
    private readonly indexes: BlindIndex,
  ) {}

  async insert({ email, phone, ...link }: NewRow): Promise<void> {
    await this.rows.insert({
      ...link,
      encryptedEmail: this.encryption.encryptText(LINK_EMAIL, email, link.id),
      emailIndex: await this.indexes.computeOptional('email', email),
      encryptedPhone: this.encryption.encryptText(LINK_PHONE, phone, link.id),
      phoneIndex: await this.indexes.computeOptional('phone', phone && toPhoneKey(phone)),
      usedAt: null,
      revokedAt: null,
    });
  }

  async findUsable(id: string, purpose: LinkPurpose, now: Date): Promise<AccountLink | null> {
    const link = await this.rows.findOneBy({ id, purpose, ...usable(now) });
    if (!link) return null;
    const { encryptedEmail = null, encryptedPhone = null } = link;
    link.email = this.encryption.decryptText(LINK_EMAIL, encryptedEmail, id);
    link.phone = this.encryption.decryptText(LINK_PHONE, encryptedPhone, id);
    delete link.encryptedEmail;
    delete link.encryptedPhone;
    return link;
  }

  /** The language of the link's account, whatever the state of the link; null if the link was deleted. SQL: the table of accounts belongs to another feature. */
  async findLocale(id: string): Promise<string | null> {
    const row = await this.db.row<{ locale: string }>(
      `SELECT u.locale FROM account_link l JOIN user_account u ON u.id = l.user_id WHERE l.id = $1`,
      [id],
    );
    return row?.locale ?? null;
  }

  async hasUsable(userId: string, purpose: LinkPurpose, email: string, now: Date): Promise<boolean> {
    const emailIndex = await this.indexes.compute('email', email);
    return this.rows.existsBy({ userId, purpose, emailIndex, ...usable(now) });
  }

  /** Marks the link as used, if it can be used. Concurrent uses wait for each other. @returns whether this use is the first */
  async use(id: string, now: Date): Promise<boolean> {
    const { affected } = await this.rows.update({ id, ...usable(now) }, { usedAt: now });
    return affected === 1;
  }

  /** @param owner with a session: only the links that were asked for in it */
  async revoke(
    owner: { userId: string; sessionId?: string },
    purposes: readonly LinkPurpose[],
    now: Date,
  ): Promise<void> {
    await this.rows.update(
      { ...owner, purpose: In([...purposes]), usedAt: IsNull(), revokedAt: IsNull() },
      { revokedAt: now },
    );
  }

  /** When the links of this purpose were created, the newest first. */
  async listCreationTimes(where: LinkFilter, since: Date, limit: number): Promise<Date[]> {
    const { purpose } = where;
    const recipient =
      'email' in where
        ? { emailIndex: await this.indexes.compute('email', where.email) }
        : 'phone' in where
          ? { phoneIndex: await this.indexes.compute('phone', toPhoneKey(where.phone)) }
          : { userId: where.userId };
    const links = await this.rows.find({
      select: { id: true, createdAt: true },
      where: { ...recipient, purpose, createdAt: MoreThan(since) },
      order: { createdAt: 'DESC' },
      take: limit,
    });
    return links.map(({ createdAt }) => createdAt);
  }

  async deleteCreatedBefore(time: Date): Promise<void> {
    await this.rows.delete({ createdAt: LessThan(time) });
  }

  /** Locks an address for a purpose until the transaction ends, because several accounts may request mails to it. */
  async lockAddress(email: string, purpose: LinkPurpose): Promise<void> {
    await this.db.rows(`SELECT pg_advisory_xact_lock(${lockKey('mail-address', '$1::text')})`, [`${purpose} ${email}`]);
  }

  private get rows() {
    return this.db.repository(AccountLink);
  }
}

const usable = (now: Date): FindOptionsWhere<AccountLink> => ({
  usedAt: IsNull(),
  revokedAt: IsNull(),
  expiresAt: MoreThan(now),
});
