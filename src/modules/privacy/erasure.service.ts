import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import type { Actor } from '../../core/kernel/actor.js';
import { DomainError, notFound } from '../../core/kernel/domain-error.js';
import { AccountAccess } from '../users/index.js';
import { ErasureRepository } from './erasure.repository.js';
import { toErasureChange } from './erasure-change.js';
import { FutureVisits } from './future-visits.js';

/** Erases people in one transaction: accounts and everything about them is deleted, visits stay without the person. */
@Injectable()
export class ErasureService {
  constructor(
    private readonly db: Database,
    private readonly erasures: ErasureRepository,
    private readonly visits: FutureVisits,
    private readonly access: AccountAccess,
    private readonly changes: ChangeLog,
  ) {}

  /**
   * Erases a person; if they are already erased, erases what was written since.
   * @param requestedBy null for the task that finishes earlier erasures
   * @returns when the person was first erased
   * @throws DomainError NOT_FOUND, IN_USE for the last administrator
   */
  async erase(userId: string, requestedBy: Actor | null, now: Date): Promise<Date> {
    return this.db.transaction(async () => {
      const person = await this.erasures.lock(userId);
      if (!person) throw notFound();
      const { role } = person;
      const earlier = await this.erasures.findErasureTime(userId);
      // Merged at the same time: nearly everything belongs to the other account now.
      if (person.isMerged && !earlier) throw notFound();
      if (role === 'ADMIN' && !earlier && !(await this.access.hasOtherAdministrator(userId))) throw lastAdmin();
      // Before the account is changed: closes the sockets, and ends the tokens in every process.
      await this.access.endSessionsAndMemberships(userId, 'account erased');
      await this.visits.cancel(person, now);
      await this.erasures.wipe(userId);
      if (earlier && !requestedBy) return earlier;
      await this.erasures.insert(userId, requestedBy?.userId ?? null, earlier ?? now);
      await this.changes.record(toErasureChange(person));
      return earlier ?? now;
    });
  }
}

const lastAdmin = (): DomainError =>
  new DomainError('IN_USE', 'This is the last administrator. Create another one first.');
