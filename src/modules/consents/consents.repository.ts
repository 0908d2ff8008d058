import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { Consent } from './consent.entity.js';
import type { ConsentView } from './consents.dto.js';

/** Somebody whose consents are recorded. */
export interface Subject {
  userId: string;
  /** Null for somebody who is not a patient. */
  clientId: string | null;
  /** The clinics of a patient. */
  clinicIds: string[];
}

/** Consents, of which no row is ever changed. */
@Injectable()
export class ConsentsRepository {
  constructor(private readonly db: Database) {}

  /** SQL: tables of other features. */
  findSubject(userId: string): Promise<Subject | null> {
    return this.db.row<Subject>(
      `SELECT u.id AS "userId", c.id AS "clientId",
              ARRAY(SELECT p.clinic_id FROM clinic_patient p WHERE p.client_id = c.id) AS "clinicIds"
       FROM user_account u LEFT JOIN client c ON c.user_id = u.id WHERE u.id = $1 AND u.deleted_at IS NULL`,
      [userId],
    );
  }

  /** Locks the account against a merge and an erasure until the transaction ends. @returns false if it is closed */
  async lockOpen(userId: string): Promise<boolean> {
    const text = 'SELECT id FROM user_account WHERE id = $1 AND deleted_at IS NULL FOR SHARE';
    return (await this.db.row(text, [userId])) !== null;
  }

  async insert(userId: string, consent: ConsentView): Promise<void> {
    await this.db.repository(Consent).insert({ userId, ...consent });
  }

  /** The newest record of each kind. */
  findCurrent(userId: string): Promise<ConsentView[]> {
    return this.db.rows<ConsentView>(
      `SELECT DISTINCT ON (kind) kind, version, given, recorded_by AS "recordedBy", recorded_at AS "recordedAt"
       FROM consent WHERE user_id = $1 ORDER BY kind, sequence DESC`,
      [userId],
    );
  }

  listHistory(userId: string, limit: number): Promise<ConsentView[]> {
    return this.db.repository(Consent).find({
      select: { kind: true, version: true, given: true, recordedBy: true, recordedAt: true },
      where: { userId },
      order: { sequence: 'DESC' },
      take: limit,
    });
  }
}
