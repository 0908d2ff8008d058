import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Actor } from '../../core/kernel/actor.js';
import { notFound } from '../../core/kernel/domain-error.js';

export interface Person {
  userId: string;
  /** Null for somebody who never was a patient. */
  clientId: string | null;
}

@Injectable()
export class PeopleRepository {
  constructor(private readonly db: Database) {}

  /** Yourself or, for an ADMIN, anybody, also after the account was closed. @throws DomainError NOT_FOUND. SQL: tables of other features. */
  async getFor(actor: Actor, userId: string): Promise<Person> {
    const mayAsk = actor.role === 'ADMIN' || actor.userId === userId.toLowerCase();
    const person = mayAsk && (await this.find(userId));
    if (!person) throw notFound();
    return person;
  }

  find(userId: string): Promise<Person | null> {
    return this.db.row<Person>(
      `SELECT u.id AS "userId", c.id AS "clientId" FROM user_account u LEFT JOIN client c ON c.user_id = u.id WHERE u.id = $1`,
      [userId],
    );
  }
}
