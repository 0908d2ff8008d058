import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { CONSENT_KINDS } from './consent.entity.js';
import type { ConsentsView, RecordConsent } from './consents.dto.js';
import { ConsentsRepository, type Subject } from './consents.repository.js';

const MAX_HISTORY = 200;

/** Consents of users, which they record themselves, or the front desk for its patients. */
@Injectable()
export class ConsentsService {
  constructor(
    private readonly db: Database,
    private readonly consents: ConsentsRepository,
    private readonly changes: ChangeLog,
    private readonly limits: RateLimits,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError NOT_FOUND */
  async get(actor: Actor, userId: string): Promise<ConsentsView> {
    const subject = await this.findSubject(actor, userId);
    if (subject.userId !== actor.userId) await this.changes.recordAccess(toEntry('consent.read', subject));
    return this.read(subject.userId);
  }

  /** Takes effect at once: with the next delivery, and the next question to the chat. @throws DomainError NOT_FOUND, RATE_LIMITED */
  async record(actor: Actor, userId: string, { kind, version, given }: RecordConsent): Promise<ConsentsView> {
    await this.limits.consume('consents', actor.userId);
    const subject = await this.findSubject(actor, userId);
    return this.db.transaction(async () => {
      // A merge that runs at the same time would leave the decision with the closed account.
      if (!(await this.consents.lockOpen(subject.userId))) throw notFound();
      const recordedAt = new Date(this.clock.now());
      await this.consents.insert(subject.userId, { kind, version, given, recordedBy: actor.userId, recordedAt });
      const entry = toEntry(given ? 'consent.given' : 'consent.withdrawn', subject, { kind, version });
      await this.changes.record({ ...entry, event: null });
      return this.read(subject.userId);
    });
  }

  private async read(userId: string): Promise<ConsentsView> {
    const newest = new Map((await this.consents.findCurrent(userId)).map((consent) => [consent.kind, consent]));
    const current = CONSENT_KINDS.map((kind) => {
      const { given = null, version = null, recordedAt = null } = newest.get(kind) ?? {};
      return { kind, given, version, recordedAt };
    });
    return { current, history: await this.consents.listHistory(userId, MAX_HISTORY) };
  }

  private async findSubject(actor: Actor, userId: string): Promise<Subject> {
    const subject = await this.consents.findSubject(userId);
    if (!subject || !mayRecord(actor, subject)) throw notFound();
    return subject;
  }
}

/** The person, and the front desk of a clinic of the patient. */
const mayRecord = (actor: Actor, { userId, clientId, clinicIds }: Subject): boolean =>
  actor.userId === userId ||
  (clientId !== null && (actor.role === 'ADMIN' || clinicIds.some((clinicId) => worksAtFrontDesk(actor, clinicId))));

const toEntry = (action: string, { userId, clientId }: Subject, changes: Record<string, unknown> = {}) => ({
  action,
  objectType: 'user',
  objectId: userId,
  changes: { ...changes, ...(clientId && { clientIds: [clientId] }) },
});
