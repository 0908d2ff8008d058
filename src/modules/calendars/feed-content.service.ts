import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Config } from '../../core/config/config.js';
import { Clock } from '../../core/kernel/clock.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { mailAddress } from '../../core/kernel/email.js';
import { getLanguage } from '../../core/kernel/locale.js';
import { AppointmentDetailsRepository, type AppointmentDetails } from '../appointments/index.js';
import { calendarFile, type CalendarEvent } from './calendar-file.js';
import { CALENDAR_WORDS } from './calendar-words.js';
import { CalendarsRepository, type FeedVisit, type LiveFeed } from './calendars.repository.js';
import { hashSecret, isSecret } from './feed-secret.js';
import { toCalendarVisit, toDoctorEvent, toInitials, toPatientEvent, type EventOptions } from './visit-events.js';

/** Visits stay in a feed for 30 days. */
const WINDOW_MILLISECONDS = 30 * 24 * 60 * 60 * 1_000;

/** Reads the calendars that people subscribe to. */
@Injectable()
export class FeedContentService {
  constructor(
    private readonly config: Config,
    private readonly feeds: CalendarsRepository,
    private readonly details: AppointmentDetailsRepository,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError NOT_FOUND for a link that is unknown, revoked or no longer allowed */
  async find(secret: string): Promise<LiveFeed> {
    const feed = isSecret(secret) ? await this.feeds.findLive(hashSecret(secret)) : null;
    if (!feed) throw notFound();
    return feed;
  }

  /** The file of the feed. Its text depends only on the appointments, so its ETag stays the same until one changes. */
  async read(feed: LiveFeed): Promise<string> {
    const now = this.clock.now();
    const visits = await this.feeds.findVisits(feed, new Date(now - WINDOW_MILLISECONDS));
    const details = await this.details.find(visits.map(({ id }) => id));
    const detailsById = new Map(details.map((one) => [one.id, one]));
    const language = getLanguage(feed.locale);
    const options = { language, organizerEmail: mailAddress(this.config.MAIL_FROM) };
    const events = visits.flatMap((visit) => {
      const found = detailsById.get(visit.id);
      return found ? [toEvent(feed, visit, found, options)] : [];
    });
    await this.recordRead(feed, visits);
    return calendarFile(events, { method: 'PUBLISH', now, name: CALENDAR_WORDS[language].feed });
  }

  /**
   * Audits the read of a doctor's feed. The reader is known only by the link, so the row names the account that created it. A patient's
   * feed has their own visits, whose reads are not audited.
   */
  private async recordRead(
    { id, makerId, makerRole, doctorId, clinicId }: LiveFeed,
    visits: FeedVisit[],
  ): Promise<void> {
    if (!doctorId) return;
    await this.changes.recordAccess({
      action: 'calendar_feed.read',
      objectType: 'calendar_feed',
      objectId: id,
      clinicId,
      actor: { userId: makerId, role: makerRole },
      changes: { clientIds: [...new Set(visits.map(({ clientId }) => clientId))] },
    });
  }
}

function toEvent(feed: LiveFeed, visit: FeedVisit, details: AppointmentDetails, options: EventOptions): CalendarEvent {
  const isFull = feed.detail === 'FULL';
  // Links are for the people of the visit: not for the front desk, which may have made the feed.
  const knowsLink = feed.makerRole === 'CLIENT' || feed.makerRole === 'DOCTOR';
  const entry = toCalendarVisit(details, knowsLink ? details.videoUrl : null);
  const withService = isFull ? { ...options, note: details.serviceName } : options;
  const { firstName, lastName } = visit;
  const patient = isFull ? `${firstName} ${lastName}` : toInitials(firstName, lastName);
  const event = feed.doctorId ? toDoctorEvent(entry, patient, withService) : toPatientEvent(entry, withService);
  return { ...event, updatedAt: visit.updatedAt.getTime() };
}
