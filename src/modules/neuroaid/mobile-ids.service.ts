import { Injectable } from '@nestjs/common';
import { notFound } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/security/actor.js';
import type { MobileId } from './mobile-id.js';
import { MobileIdsRepository } from './mobile-ids.repository.js';
import type { MobileKind } from './neuroaid-id.entity.js';

const MAX_ATTEMPTS = 5;

/**
 * The stable integer ids of the mobile client. They name objects and grant nothing: whoever guesses a number gets what
 * the caller may see under the UUID.
 */
@Injectable()
export class MobileIds {
  constructor(private readonly ids: MobileIdsRepository) {}

  async numberOf(kind: MobileKind, uuid: string): Promise<number> {
    return (await this.numbersOf(kind, [uuid]))(uuid);
  }

  /** The numbers of a list, in one statement where all have one, in three where some are new. */
  async numbersOf(kind: MobileKind, uuids: readonly string[]): Promise<(uuid: string) => number> {
    const numbers = new Map<string, number>();
    let missing = [...new Set(uuids)];
    for (let attempt = 0; missing.length > 0 && attempt < MAX_ATTEMPTS; attempt += 1) {
      if (attempt > 0) await this.ids.assign(kind, missing);
      for (const { uuid, number } of await this.ids.find(kind, missing)) numbers.set(uuid, number);
      missing = missing.filter((uuid) => !numbers.has(uuid));
    }
    if (missing.length > 0) throw new Error(`${missing.length} ids of ${kind} got no number`);
    return (uuid) => numbers.get(uuid) as number;
  }

  /** @throws DomainError NOT_FOUND for a number that was never given out */
  async uuidOf(kind: MobileKind, id: MobileId): Promise<string> {
    if (typeof id === 'string') return id;
    const uuid = await this.ids.uuidOf(kind, id);
    if (uuid === null) throw notFound();
    return uuid;
  }

  /**
   * The client names the user although its token does so already. It may name nobody but itself.
   * @throws DomainError NOT_FOUND
   */
  async assertOwnUser({ userId }: Actor, meant: MobileId | undefined): Promise<void> {
    if (meant !== undefined && (await this.uuidOf('user', meant)) !== userId) throw notFound();
  }
}
