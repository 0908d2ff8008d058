import { Injectable } from '@nestjs/common';
import { IsNull, LessThan, MoreThan } from 'typeorm';
import { Database } from '../../core/database/database.js';
import { Clock } from '../../core/kernel/clock.js';
import { EmailVerification } from './email-verification.entity.js';

/** The account of a link, as it is now. */
export interface AddressedAccount {
  id: string;
  email: string | null;
  isVerified: boolean;
  isPatient: boolean;
  locale: string;
}

const DAY = 24 * 60 * 60 * 1000;
const LINK_MILLISECONDS = 3 * DAY;
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
    const [createdAt, expiresAt] = [this.in(0), this.in(LINK_MILLISECONDS)];
    await this.rows.insert({ id, userId, email, createdAt, expiresAt, usedAt: null });
  }

  /** Only while the link can be used. */
  findOpen(id: string): Promise<EmailVerification | null> {
    return this.rows.findOneBy({ id, usedAt: IsNull(), expiresAt: MoreThan(this.in(0)) });
  }

  /** Whether the account was sent a link for this address that can still be used. */
  hasOpen(userId: string, email: string): Promise<boolean> {
    return this.rows.existsBy({ userId, email, usedAt: IsNull(), expiresAt: MoreThan(this.in(0)) });
  }

  /** Milliseconds until another mail may go to the address; 0: now. */
  async waitBeforeNext(email: string): Promise<number> {
    const sent = await this.rows.find({
      where: { email, createdAt: MoreThan(this.in(-DAY)) },
      order: { createdAt: 'DESC' },
      take: MAX_MAILS_PER_DAY,
    });
    const earliest = sent[MAX_MAILS_PER_DAY - 1];
    return earliest ? earliest.createdAt.getTime() + DAY - this.clock.now() : 0;
  }

  /** Ends every link of the account. */
  async useAll(userId: string): Promise<void> {
    await this.rows.update({ userId, usedAt: IsNull() }, { usedAt: this.in(0) });
  }

  async sweep(keepDays: number): Promise<void> {
    await this.rows.delete({ createdAt: LessThan(this.in(-keepDays * DAY)) });
  }

  account(userId: string): Promise<AddressedAccount | null> {
    return this.db.row<AddressedAccount>(ACCOUNT, [userId]);
  }

  /** Held until the transaction ends, so that two uses of a link come one after the other. */
  lockAccount(userId: string): Promise<AddressedAccount | null> {
    return this.db.row<AddressedAccount>(`${ACCOUNT} FOR NO KEY UPDATE`, [userId]);
  }

  /** Mails to one address come one after the other, whichever account asks for them. */
  async lockAddress(email: string): Promise<void> {
    await this.db.rows(`SELECT pg_advisory_xact_lock(hashtextextended($1::text, 7241))`, [email]);
  }

  private get rows() {
    return this.db.repository(EmailVerification);
  }

  private in(milliseconds: number): Date {
    return new Date(this.clock.now() + milliseconds);
  }
}
