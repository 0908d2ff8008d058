import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { assertVersion } from '../../core/changes/versioned-update.js';
import type { Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { DomainError, notFound } from '../../core/kernel/domain-error.js';
import { GuardianAccess } from '../clients/index.js';
import { OfferClosing } from './offer-closing.js';
import { toChange } from './waitlist-changes.js';
import type { WaitlistEntry } from './waitlist-entry.entity.js';
import type { EntryState } from './waitlist-status.js';
import { isOwnEntry } from './waitlist.policy.js';
import type { WaitlistEntryView } from './waitlist.dto.js';
import { WaitlistRepository } from './waitlist.repository.js';

/** Who may do what with an entry, and how an entry ends. */
@Injectable()
export class WaitlistEntriesService {
  constructor(
    private readonly repository: WaitlistRepository,
    private readonly guardians: GuardianAccess,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
    private readonly closing: OfferClosing,
  ) {}

  now(): number {
    return this.clock.now();
  }

  /** @throws DomainError NOT_FOUND if the caller is no guardian of the patient */
  actFor(actor: Actor, clientId: string | undefined): Promise<Actor> {
    return this.guardians.actFor(actor, clientId);
  }

  mayReadAsGuardian(actor: Actor, clientId: string): Promise<boolean> {
    return this.guardians.mayActFor(actor, clientId.toLowerCase());
  }

  async get(id: string): Promise<WaitlistEntryView> {
    const entry = await this.repository.find(id);
    if (!entry) throw notFound();
    return entry;
  }

  /**
   * Locks an entry that has not ended, until the transaction ends.
   * @param version from If-Match; null if not given
   * @throws DomainError NOT_FOUND, VERSION_MISMATCH, INVALID_TRANSITION
   */
  async lockWaiting(actor: Actor, id: string, version: number | null): Promise<WaitlistEntry> {
    const entry = await this.repository.lock(id);
    if (!entry || !(await this.mayChange(actor, entry))) throw notFound();
    assertVersion(version, entry);
    this.assertWaiting(entry);
    return entry;
  }

  async mayChange(actor: Actor, entry: Pick<WaitlistEntry, 'clientId' | 'clinicId'>): Promise<boolean> {
    return isOwnEntry(actor, entry) || (await this.guardians.mayActFor(actor, entry.clientId));
  }

  /** The row of an entry that the actor may change. @throws DomainError NOT_FOUND */
  async getOwn(actor: Actor, id: string): Promise<WaitlistEntry> {
    const entry = await this.repository.findEntry(id);
    if (!entry || !(await this.mayChange(actor, entry))) throw notFound();
    return entry;
  }

  lock(id: string): Promise<WaitlistEntry | null> {
    return this.repository.lock(id);
  }

  /** Records a change of a locked entry that is nobody's request. */
  async recordChange(id: string, action: string): Promise<void> {
    await this.touch(id);
    await this.changes.record(toChange(await this.get(id), { action }));
  }

  /** Increases the version of a locked entry whose offer changes. */
  touch(id: string): Promise<void> {
    return this.repository.touch(id);
  }

  /** Ends a locked entry, and its open offer. */
  async end(
    { id }: Pick<WaitlistEntry, 'id'>,
    status: EntryState,
    { actor, action, bookedId }: { actor?: Actor; action: string; bookedId?: string },
  ): Promise<void> {
    await this.closing.close(id, 'WITHDRAWN');
    await this.repository.end(id, { status, ...(bookedId && { bookedId }) });
    await this.changes.record(toChange(await this.get(id), { action, ...(actor && { actor }) }));
  }

  private assertWaiting({ status, endsAt }: WaitlistEntry): void {
    const current = status === 'WAITING' && endsAt.getTime() <= this.now() ? 'EXPIRED' : status;
    if (current === 'WAITING') return;
    throw new DomainError('INVALID_TRANSITION', `An entry that is ${current} cannot be changed.`, { from: current });
  }
}
