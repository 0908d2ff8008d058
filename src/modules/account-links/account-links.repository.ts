import { Injectable } from '@nestjs/common';
import { In, IsNull, LessThan, MoreThan, type FindOptionsWhere } from 'typeorm';
import { lockKey } from '../../core/database/advisory-locks.js';
import { Database } from '../../core/database/database.js';
import { AccountLink, type LinkPurpose } from './account-link.entity.js';

@Injectable()
export class AccountLinksRepository {
  constructor(private readonly db: Database) {}

  async insert(link: Omit<AccountLink, 'usedAt' | 'revokedAt'>): Promise<void> {
    await this.rows.insert({ ...link, usedAt: null, revokedAt: null });
  }

  findUsable(id: string, purpose: LinkPurpose, now: Date): Promise<AccountLink | null> {
    return this.rows.findOneBy({ id, purpose, ...usable(now) });
  }

  hasUsable(userId: string, purpose: LinkPurpose, email: string, now: Date): Promise<boolean> {
    return this.rows.existsBy({ userId, purpose, email, ...usable(now) });
  }

  /** Marks the link as used, if it can be used. Concurrent uses wait for each other. @returns whether this use is the first */
  async use(id: string, now: Date): Promise<boolean> {
    const { affected } = await this.rows.update({ id, ...usable(now) }, { usedAt: now });
    return affected === 1;
  }

  async revoke(userId: string, purposes: readonly LinkPurpose[], now: Date): Promise<void> {
    await this.rows.update(
      { userId, purpose: In([...purposes]), usedAt: IsNull(), revokedAt: IsNull() },
      { revokedAt: now },
    );
  }

  async revokeOfSession(userId: string, sessionId: string, purposes: readonly LinkPurpose[], now: Date): Promise<void> {
    await this.rows.update(
      { userId, sessionId, purpose: In([...purposes]), usedAt: IsNull(), revokedAt: IsNull() },
      { revokedAt: now },
    );
  }

  /** When the links of this purpose were created, the newest first. */
  async listCreationTimes(
    where: { purpose: LinkPurpose } & ({ email: string } | { phone: string } | { userId: string }),
    since: Date,
    limit: number,
  ): Promise<Date[]> {
    const links = await this.rows.find({
      select: { id: true, createdAt: true },
      where: { ...where, createdAt: MoreThan(since) },
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
