import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Actor } from '../../core/kernel/actor.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { mayExportAndErase } from './privacy.policy.js';

export interface Person {
  userId: string;
  /** Null for somebody who never was a patient. */
  clientId: string | null;
}

/** Finds people whose data is exported or erased. */
@Injectable()
export class PeopleRepository {
  constructor(private readonly db: Database) {}

  /**
   * A person whom the actor may export and erase, also after the account was closed. For an account that was closed by a merge, returns the
   * account to which everything of the person was moved. @throws DomainError NOT_FOUND
   */
  async getFor(actor: Actor, userId: string): Promise<Person> {
    const person = mayExportAndErase(actor, userId) && (await this.findSurvivor(userId));
    if (!person) throw notFound();
    return person;
  }

  /** The account itself or, if it was closed by a merge, the one that stayed. */
  private async findSurvivor(userId: string): Promise<Person | null> {
    const row = await this.db.row<{ id: string }>(
      `SELECT coalesce(s.user_id, u.id) AS id FROM user_account u LEFT JOIN client c ON c.user_id = u.id
       LEFT JOIN client s ON s.id = c.merged_into_id WHERE u.id = $1`,
      [userId],
    );
    return row && this.find(row.id);
  }

  /** SQL: tables of other features. */
  find(userId: string): Promise<Person | null> {
    return this.db.row<Person>(
      `SELECT u.id AS "userId", c.id AS "clientId" FROM user_account u LEFT JOIN client c ON c.user_id = u.id WHERE u.id = $1`,
      [userId],
    );
  }
}
