import { Injectable } from '@nestjs/common';
import { IsNull, LessThan, MoreThan } from 'typeorm';
import { Database } from '../../core/database/database.js';
import { Clock } from '../../core/kernel/clock.js';
import { EmailVerification } from './email-verification.entity.js';

/** The current state of the account that a link belongs to. */
export interface AddressedAccount {
  id: string;
  email: string | null;
  isVerified: boolean;
  isPatient: boolean;
  locale: string;
}

const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;
const LINK_MILLISECONDS = 3 * DAY_MILLISECONDS;
export const MAX_MAILS_PER_DAY = 3;

const ACCOUNT = `
  SELECT id, email, email_verified_at IS NOT NULL AS "isVerified", role = 'CLIENT' AS "isPatient", locale
  FROM user_account WHERE id = $1 AND deleted_at IS NULL`;

@Injectable()
export class EmailVerificationsRepository {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  async insert(id: string, userId: string, email: string): Promise<void> {
    const [createdAt, expiresAt] = [this.fromNow(0), this.fromNow(LINK_MILLISECONDS)];
    await this.rows.insert({ id, userId, email, createdAt, expiresAt, usedAt: null });
  }

  /** @returns null if the link is used or expired */
  findUsable(id: string): Promise<EmailVerification | null> {
    return this.rows.findOneBy({ id, usedAt: IsNull(), expiresAt: MoreThan(this.fromNow(0)) });
  }

  /** Whether the account has a link for this address that can still be used. */
  hasUsable(userId: string, email: string): Promise<boolean> {
    return this.rows.existsBy({ userId, email, usedAt: IsNull(), expiresAt: MoreThan(this.fromNow(0)) });
  }

  /** Milliseconds until another mail may be sent to the address; 0 if it may be sent now. */
  async getWaitMilliseconds(email: string): Promise<number> {
    const sent = await this.rows.find({
      where: { email, createdAt: MoreThan(this.fromNow(-DAY_MILLISECONDS)) },
      order: { createdAt: 'DESC' },
      take: MAX_MAILS_PER_DAY,
    });
    const earliest = sent[MAX_MAILS_PER_DAY - 1];
    return earliest ? earliest.createdAt.getTime() + DAY_MILLISECONDS - this.clock.now() : 0;
  }

  /** Makes all links of the account unusable. */
  async markAllUsed(userId: string): Promise<void> {
    await this.rows.update({ userId, usedAt: IsNull() }, { usedAt: this.fromNow(0) });
  }

  /** Deletes the rows of mails that are older than this. */
  async deleteCreatedBefore(days: number): Promise<void> {
    await this.rows.delete({ createdAt: LessThan(this.fromNow(-days * DAY_MILLISECONDS)) });
  }

  findAccount(userId: string): Promise<AddressedAccount | null> {
    return this.db.row<AddressedAccount>(ACCOUNT, [userId]);
  }

  /** Also locks the account until the transaction ends, so that two uses of a link run one after the other. */
  lockAccount(userId: string): Promise<AddressedAccount | null> {
    return this.db.row<AddressedAccount>(`${ACCOUNT} FOR NO KEY UPDATE`, [userId]);
  }

  /** Locks an address until the transaction ends, because several accounts may request mails to it. */
  async lockAddress(email: string): Promise<void> {
    await this.db.rows(`SELECT pg_advisory_xact_lock(hashtextextended($1::text, 7241))`, [email]);
  }

  private get rows() {
    return this.db.repository(EmailVerification);
  }

  private fromNow(milliseconds: number): Date {
    return new Date(this.clock.now() + milliseconds);
  }
}
