import { Injectable } from '@nestjs/common';
import { Config } from '../../../core/config/config.js';
import { Clock } from '../../../core/kernel/clock.js';
import { mailAddress } from '../../../core/kernel/email.js';
import { personName } from '../../../core/kernel/names.js';
import { calendarFile, toPatientEvent, type CalendarMethod } from '../../calendars/index.js';
import { negotiate, type Locale } from './locales.js';
import type { NotificationKind } from './message-kinds.js';
import { Message } from './message.js';
import type { TemplateFacts } from './template-facts.js';

/** Each part is rendered when it is read, because the inbox needs no HTML, and an SMS only the short text. */
export interface Rendered {
  subject: string;
  /** Plain text for e-mail and inbox. */
  text: string;
  /** For push: at most 300 characters, without the service's name. */
  short: string;
  /** The same for SMS; after a move or cancellation, with the link to choose another time for the first appointment. */
  sms: string;
  title: string;
  html: string;
  calendar?: { method: CalendarMethod; content: string };
}

/** Other kinds have no calendar file. For a reminder, the calendar has the entry already. */
const CALENDAR_METHOD: Partial<Record<NotificationKind, 'REQUEST' | 'CANCEL'>> = {
  APPOINTMENT_BOOKED: 'REQUEST',
  APPOINTMENT_CONFIRMED: 'REQUEST',
  APPOINTMENT_MOVED: 'REQUEST',
  APPOINTMENT_CANCELLED: 'CANCEL',
  APPOINTMENT_REINSTATED: 'REQUEST',
};

/** Renders messages to patients in their language and time zone. */
@Injectable()
export class Templates {
  constructor(
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  render(kind: NotificationKind, locale: string, facts: TemplateFacts): Rendered {
    const negotiated = negotiate(locale);
    const message = new Message(kind, negotiated, facts);
    const calendar = (): Rendered['calendar'] => this.createCalendarFile(kind, negotiated, facts, message.changed());
    return {
      get subject() {
        return message.subject();
      },
      get text() {
        return message.text();
      },
      get short() {
        return message.short();
      },
      get sms() {
        return message.sms();
      },
      get title() {
        return message.title();
      },
      get html() {
        return message.html();
      },
      get calendar() {
        return calendar();
      },
    };
  }

  private createCalendarFile(
    kind: NotificationKind,
    locale: Locale,
    facts: TemplateFacts,
    changed: string,
  ): Rendered['calendar'] {
    const method = CALENDAR_METHOD[kind];
    if (!method) return undefined;
    const options = {
      language: locale.language,
      organizerEmail: mailAddress(this.config.MAIL_FROM),
      note: changed,
    };
    if (facts.visits) {
      // An invitation or cancellation can have only one event (RFC 5546, 3.2.2 and 3.2.5), a published file has several.
      const events = facts.visits.map((visit) => toPatientEvent({ ...facts, ...visit }, options));
      return { method: 'PUBLISH', content: calendarFile(events, { method: 'PUBLISH', now: this.clock.now() }) };
    }
    const event = toPatientEvent(facts, options);
    const { recipientName, recipientEmail } = facts;
    const attendee = recipientEmail && { name: personName(recipientName), email: recipientEmail };
    const events = [{ ...event, ...(attendee && { attendee }) }];
    return { method, content: calendarFile(events, { method, now: this.clock.now() }) };
  }
}
