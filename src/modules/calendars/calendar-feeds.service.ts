import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Config, publicUrl } from '../../core/config/config.js';
import { Database } from '../../core/database/database.js';
import { storeAnswer } from '../../core/http/idempotency-keys.js';
import type { Page } from '../../core/http/page.js';
import { worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { forbidden, invalid, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { maySeeFeed } from './calendar-feed.policy.js';
import type { CalendarFeedsQuery, CalendarFeedView, CreateCalendarFeed } from './calendars.dto.js';
import { CalendarsRepository } from './calendars.repository.js';
import { createSecret, hashSecret } from './feed-secret.js';

/** Creates, lists and revokes the links of calendar feeds. */
@Injectable()
export class CalendarFeedsService {
  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly feeds: CalendarsRepository,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  list(actor: Actor, query: CalendarFeedsQuery): Promise<Page<CalendarFeedView>> {
    return this.feeds.list(actor, query);
  }

  /**
   * Creates a feed. The response that is stored for a repeated request does not contain the link.
   * @throws DomainError NOT_FOUND, FORBIDDEN if the front desk asks for names, VALIDATION_ERROR
   */
  async create(actor: Actor, { doctorId, detail = 'LIMITED' }: CreateCalendarFeed): Promise<CalendarFeedView> {
    const subject = await this.getSubject(actor, doctorId?.toLowerCase());
    if (detail === 'FULL' && actor.role !== 'CLIENT' && actor.role !== 'DOCTOR') {
      throw forbidden('Only the doctor can have names in their calendar. Leave detail out.');
    }
    const secret = createSecret();
    const createdAt = new Date(this.clock.now());
    const feed = { id: newId(), doctorId: subject.doctorId, detail, makerId: actor.userId, createdAt };
    return this.db.transaction(async () => {
      await this.feeds.insert({ ...feed, secretHash: hashSecret(secret) });
      await this.changes.record({
        action: 'calendar_feed.created',
        objectType: 'calendar_feed',
        objectId: feed.id,
        clinicId: subject.clinicId,
        changes: { doctorId: feed.doctorId, detail },
        event: null,
      });
      await storeAnswer(this.db, { ...feed, url: null });
      return { ...feed, url: `${publicUrl(this.config)}/api/v1/calendars/${secret}.ics` };
    });
  }

  /** Revokes the link at once. */
  async remove(actor: Actor, id: string): Promise<null> {
    return this.db.transaction(async () => {
      const feed = await this.feeds.lock(id);
      if (!feed || !maySeeFeed(actor, feed)) throw notFound();
      await this.feeds.delete(id);
      await this.changes.record({
        action: 'calendar_feed.revoked',
        objectType: 'calendar_feed',
        objectId: id,
        clinicId: feed.clinicId,
        event: null,
      });
      return null;
    });
  }

  /** Whose visits the feed has: the patient's or the doctor's own, or those of a doctor at a clinic of the front desk. */
  private async getSubject(
    actor: Actor,
    doctorId: string | undefined,
  ): Promise<{ doctorId: string | null; clinicId: string | null }> {
    if (actor.role === 'CLIENT') {
      if (doctorId || !actor.clientId) throw notFound();
      return { doctorId: null, clinicId: null };
    }
    const subjectId = doctorId ?? (actor.role === 'DOCTOR' ? actor.doctorId : null);
    if (!subjectId)
      throw invalid({ field: 'doctorId', error: 'is required: the doctor whose visits the calendar has' });
    const clinicId = await this.feeds.findClinicOfDoctor(subjectId);
    if (!clinicId) throw notFound();
    const isAllowed = actor.role === 'DOCTOR' ? subjectId === actor.doctorId : worksAtFrontDesk(actor, clinicId);
    if (!isAllowed) throw notFound();
    return { doctorId: subjectId, clinicId };
  }
}
