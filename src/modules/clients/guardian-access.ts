import { Injectable } from '@nestjs/common';
import type { Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { isInForce } from './guardianship.js';
import { GuardiansRepository } from './guardians.repository.js';

/**
 * Decides for whom a guardian may act now. Access tokens name only the own record, so the end of a link is effective at once, also for
 * open sessions. A guardian of a guardian has no access.
 */
@Injectable()
export class GuardianAccess {
  constructor(
    private readonly guardians: GuardiansRepository,
    private readonly clock: Clock,
  ) {}

  /** Whether a CLIENT is a guardian of the patient. */
  async mayActFor({ role, clientId: ownId }: Actor, clientId: string): Promise<boolean> {
    if (role !== 'CLIENT' || !ownId || ownId === clientId) return false;
    const link = await this.guardians.findBetween(ownId, clientId);
    return link !== null && isInForce(link, this.clock.now());
  }

  /**
   * The CLIENT with the record of the patient for whom they act; other callers unchanged. The account is still that of the caller.
   * @throws DomainError NOT_FOUND if they are no guardian of the patient
   */
  async actFor(actor: Actor, requested: string | undefined): Promise<Actor> {
    const clientId = requested?.toLowerCase();
    if (actor.role !== 'CLIENT' || !clientId || clientId === actor.clientId) return actor;
    if (!(await this.mayActFor(actor, clientId))) throw notFound();
    return { ...actor, clientId };
  }

  /** The accounts of the guardians of each patient who has any. */
  async findGuardianUsers(clientIds: readonly string[]): Promise<Map<string, string[]>> {
    const users = new Map<string, string[]>();
    if (clientIds.length === 0) return users;
    for (const link of await this.guardians.findOfClients([...new Set(clientIds)])) {
      if (!isInForce(link, this.clock.now())) continue;
      users.set(link.clientId, [...(users.get(link.clientId) ?? []), link.guardianUserId]);
    }
    return users;
  }
}
