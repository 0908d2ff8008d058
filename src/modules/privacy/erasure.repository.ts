import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { ERASURE_STATEMENTS } from './erasure.statements.js';
import type { Person } from './people.repository.js';

/** Hand-written SQL: tables of every feature. */
@Injectable()
export class ErasureRepository {
  constructor(private readonly db: Database) {}

  /** Locks the person until the transaction ends. Bookings of a patient wait for it. @returns the role; null if there is no such account */
  async lock({ userId, clientId }: Person): Promise<string | null> {
    const row = await this.db.row<{ role: string }>('SELECT role FROM user_account WHERE id = $1 FOR UPDATE', [userId]);
    if (clientId) await this.db.rows('SELECT id FROM client WHERE id = $1 FOR UPDATE', [clientId]);
    return row?.role ?? null;
  }

  async find(userId: string): Promise<Date | null> {
    const row = await this.db.row<{ erasedAt: Date }>(
      'SELECT erased_at AS "erasedAt" FROM erasure WHERE user_id = $1',
      [userId],
    );
    return row?.erasedAt ?? null;
  }

  /** Also inserts the accounts that were merged into the person's record: an older backup has them before the merge. */
  async insert(userId: string, requestedBy: string | null, at: Date): Promise<void> {
    for (const id of [userId, ...(await this.findMerged(userId))]) {
      await this.db.rows(
        `INSERT INTO erasure (user_id, requested_by, erased_at) VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE SET finished_at = NULL`,
        [id, requestedBy, at.toISOString()],
      );
    }
  }

  /** Also wipes records that were merged into the person's record. Runs in the caller's transaction. */
  async wipe(userId: string): Promise<void> {
    for (const id of [userId, ...(await this.findMerged(userId))]) {
      for (const statement of ERASURE_STATEMENTS) await this.db.rows(statement, [id]);
    }
  }

  /** Before visits are cancelled, so that the events do not carry the texts. */
  async deleteVisitTexts(clientId: string): Promise<void> {
    await this.db.rows(
      `UPDATE appointment SET notes = NULL, staff_notes = NULL, cancel_reason = NULL WHERE client_id = $1`,
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

  async findUnfinished(): Promise<{ userId: string; erasedAt: Date }[]> {
    return this.db.rows(
      `SELECT user_id AS "userId", erased_at AS "erasedAt" FROM erasure WHERE finished_at IS NULL ORDER BY erased_at LIMIT 100`,
    );
  }

  async markFinished(userId: string, at: Date): Promise<void> {
    await this.db.rows('UPDATE erasure SET finished_at = $2 WHERE user_id = $1', [userId, at.toISOString()]);
  }

  list(): Promise<{ userId: string; erasedAt: Date }[]> {
    return this.db.rows(`SELECT user_id AS "userId", erased_at AS "erasedAt" FROM erasure ORDER BY erased_at, user_id`);
  }

  /** The closed accounts of records that were merged into the person's record. */
  private async findMerged(userId: string): Promise<string[]> {
    const merged = await this.db.rows<{ id: string }>(
      `SELECT d.user_id AS id FROM client c JOIN client d ON d.merged_into_id = c.id
       WHERE c.user_id = $1 AND d.user_id IS NOT NULL`,
      [userId],
    );
    return merged.map(({ id }) => id);
  }
}
