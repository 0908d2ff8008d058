import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { AccountContacts } from '../users/index.js';

/** The current state of the account that a link belongs to. */
export interface LinkedAccount {
  id: string;
  email: string | null;
  isVerified: boolean;
  isPatient: boolean;
  locale: string;
}

const ACCOUNT = `
  SELECT id, email, email_verified_at IS NOT NULL AS "isVerified", role = 'CLIENT' AS "isPatient", locale
  FROM user_account WHERE id = $1 AND deleted_at IS NULL`;

/** Hand-written SQL: the table belongs to another feature. */
@Injectable()
export class LinkedAccountsRepository {
  constructor(
    private readonly db: Database,
    private readonly contacts: AccountContacts,
  ) {}

  find(userId: string): Promise<LinkedAccount | null> {
    return this.read(ACCOUNT, userId);
  }

  /** Also locks the account until the transaction ends, so that two uses of its links run one after the other. */
  lock(userId: string): Promise<LinkedAccount | null> {
    return this.read(`${ACCOUNT} FOR NO KEY UPDATE`, userId);
  }

  private async read(sql: string, userId: string): Promise<LinkedAccount | null> {
    const row = await this.db.row<Omit<LinkedAccount, 'email'> & { email: Buffer | null }>(sql, [userId]);
    return row && { ...row, email: this.contacts.decryptEmail(userId, row.email) };
  }
}
