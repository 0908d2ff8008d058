import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { ERASURE_STATEMENTS } from './erasure.statements.js';
import type { Person } from './people.repository.js';

interface LockedPerson extends Person {
  role: string;
  /** The record was merged into another one. */
  isMerged: boolean;
}

interface UnfinishedErasure {
  userId: string;
  erasedAt: Date;
}

const PAGE_ROWS = 100;

/** Hand-written SQL: tables of every feature. */
@Injectable()
export class ErasureRepository {
  constructor(private readonly db: Database) {}

  /**
   * Locks the account and its patient record until the transaction ends. Bookings of a patient wait for it. The record is read again: a
   * merge may have exchanged it. @returns null if there is no such account
   */
  async lock(userId: string): Promise<LockedPerson | null> {
    const account = await this.db.row<{ role: string }>('SELECT role FROM user_account WHERE id = $1 FOR UPDATE', [
      userId,
    ]);
    const record = await this.db.row<{ id: string; isMerged: boolean }>(
      'SELECT id, merged_into_id IS NOT NULL AS "isMerged" FROM client WHERE user_id = $1 FOR UPDATE',
      [userId],
    );
    return account && { ...account, userId, clientId: record?.id ?? null, isMerged: record?.isMerged ?? false };
  }

  /** When the account was first erased; null if it was not. */
  async findErasureTime(userId: string): Promise<Date | null> {
    const row = await this.db.row<{ erasedAt: Date }>(
      'SELECT erased_at AS "erasedAt" FROM erasure WHERE user_id = $1',
      [userId],
    );
    return row?.erasedAt ?? null;
  }

  /** Also inserts the accounts that were merged into the person's record: an older backup has them before the merge. */
  async insert(userId: string, requestedBy: string | null, at: Date): Promise<void> {
    for (const id of [userId, ...(await this.findMergedAccounts(userId))]) {
      await this.db.rows(
        `INSERT INTO erasure (user_id, requested_by, erased_at) VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE SET finished_at = NULL`,
        [id, requestedBy, at.toISOString()],
      );
    }
  }

  /** Also wipes records that were merged into the person's record. Runs in the caller's transaction. */
  async wipe(userId: string): Promise<void> {
    for (const id of [userId, ...(await this.findMergedAccounts(userId))]) {
      for (const statement of ERASURE_STATEMENTS) await this.db.rows(statement, [id]);
    }
  }

  /** Before visits are cancelled, so that the events do not carry the texts. */
  async deleteVisitTexts(clientId: string): Promise<void> {
    await this.db.rows(
      `UPDATE appointment SET notes = NULL, staff_notes = NULL, insurance_note = NULL, cancel_reason = NULL WHERE client_id = $1`,
      [clientId],
    );
  }

  async findUpcoming(clientId: string, now: Date): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(
      `SELECT id FROM appointment WHERE client_id = $1 AND status IN ('PENDING', 'CONFIRMED') AND start_at > $2 ORDER BY id`,
      [clientId, now.toISOString()],
    );
    return rows.map(({ id }) => id);
  }

  /** Oldest first, in pages, so that erasures that cannot be finished yet hold up no others. */
  async *findUnfinished(): AsyncGenerator<UnfinishedErasure, void> {
    let last: UnfinishedErasure | undefined;
    for (;;) {
      const page: UnfinishedErasure[] = await this.db.rows<UnfinishedErasure>(
        `SELECT user_id AS "userId", erased_at AS "erasedAt" FROM erasure
         WHERE finished_at IS NULL AND ($1::timestamptz IS NULL OR (erased_at, user_id) > ($1, $2::uuid))
         ORDER BY erased_at, user_id LIMIT ${PAGE_ROWS}`,
        [last?.erasedAt.toISOString() ?? null, last?.userId ?? null],
      );
      yield* page;
      last = page.at(-1);
      if (page.length < PAGE_ROWS) return;
    }
  }

  async markFinished(userId: string, at: Date): Promise<void> {
    await this.db.rows('UPDATE erasure SET finished_at = $2 WHERE user_id = $1', [userId, at.toISOString()]);
  }

  list(): Promise<{ userId: string; erasedAt: Date }[]> {
    return this.db.rows(`SELECT user_id AS "userId", erased_at AS "erasedAt" FROM erasure ORDER BY erased_at, user_id`);
  }

  /** The closed accounts of records that were merged into the person's record. */
  private async findMergedAccounts(userId: string): Promise<string[]> {
    const merged = await this.db.rows<{ id: string }>(
      `SELECT d.user_id AS id FROM client c JOIN client d ON d.merged_into_id = c.id
       WHERE c.user_id = $1 AND d.user_id IS NOT NULL`,
      [userId],
    );
    return merged.map(({ id }) => id);
  }
}
