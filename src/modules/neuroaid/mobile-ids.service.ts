import { Injectable } from '@nestjs/common';
import { notFound } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import type { MobileId } from './mobile-id.js';
import { MobileIdsRepository } from './mobile-ids.repository.js';
import type { MobileKind } from './neuroaid-id.entity.js';

const MAX_ATTEMPTS = 5;

/**
 * Assigns stable integer ids for the app. They grant no access: a guessed number gives the same access as the UUID.
 */
@Injectable()
export class MobileIds {
  constructor(private readonly ids: MobileIdsRepository) {}

  async getNumber(kind: MobileKind, uuid: string): Promise<number> {
    return (await this.getNumbers(kind, [uuid]))(uuid);
  }

  /** Returns a function from UUID to number. Needs one statement if all ids have a number, otherwise three. */
  async getNumbers(kind: MobileKind, uuids: readonly string[]): Promise<(uuid: string) => number> {
    const numbers = new Map<string, number>();
    let missing = [...new Set(uuids)];
    for (let attempt = 0; missing.length > 0 && attempt < MAX_ATTEMPTS; attempt += 1) {
      if (attempt > 0) await this.ids.assign(kind, missing);
      for (const { uuid, number } of await this.ids.find(kind, missing)) numbers.set(uuid, number);
      missing = missing.filter((uuid) => !numbers.has(uuid));
    }
    if (missing.length > 0) throw new Error(`${missing.length} ids of ${kind} have no number`);
    return (uuid) => numbers.get(uuid) as number;
  }

  /** Keeps the number of an object that is migrated from the app's old system. @returns false if it is taken */
  keepNumber(kind: MobileKind, uuid: string, number: number): Promise<boolean> {
    return this.ids.insert(kind, uuid, number);
  }

  /** Frees the number of an object that a migration removes. */
  forgetNumber(kind: MobileKind, uuid: string): Promise<void> {
    return this.ids.remove(kind, uuid);
  }

  /** @throws DomainError NOT_FOUND for an unknown number */
  async getUuid(kind: MobileKind, id: MobileId): Promise<string> {
    if (typeof id === 'string') return id;
    const uuid = await this.ids.findUuid(kind, id);
    if (uuid === null) throw notFound();
    return uuid;
  }

  /**
   * Checks that the user id that the app sends is the caller's own.
   * @throws DomainError NOT_FOUND
   */
  async assertOwnUser({ userId }: Actor, requested: MobileId | undefined): Promise<void> {
    if (requested !== undefined && (await this.getUuid('user', requested)) !== userId) throw notFound();
  }
}
