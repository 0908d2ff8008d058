import { Injectable } from '@nestjs/common';
import { Config } from '../../../core/config/config.js';
import { Clock } from '../../../core/kernel/clock.js';
import { mailAddress } from '../channels/mail-from.js';
import { calendarFile, type CalendarEvent } from './calendar.js';
import { TEXT } from './engine.js';
import { negotiate, type Locale } from './locales.js';
import type { NotificationKind } from './message-kinds.js';
import { Message, type TemplateFacts } from './message.js';
import { oneLine, personName } from './safe-text.js';

/** Each part is rendered when it is read, because the inbox needs no HTML, and an SMS only the short text. */
export interface Rendered {
  subject: string;
  /** Plain text for e-mail and inbox. */
  text: string;
  /** For SMS and push: at most 300 characters, without the service's name. */
  short: string;
  title: string;
  html: string;
  calendar?: { method: 'REQUEST' | 'CANCEL'; content: string };
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
    const event = { ...this.toEvent(locale, facts), ...(changed && { description: changed }) };
    return method && { method, content: calendarFile(method, event, this.clock.now()) };
  }

  private toEvent({ language }: Locale, facts: TemplateFacts): CalendarEvent {
    const { labels } = TEXT[language];
    const names = { doctor: personName(facts.doctorName), clinic: oneLine(facts.clinicName) };
    const { appointmentId, version, start, end, status, recipientEmail } = facts;
    return {
      appointmentId,
      version,
      start,
      end,
      status,
      summary: labels.summary(names),
      location: facts.mode === 'VIDEO' ? labels.videoVisit({}) : (facts.clinicAddress ?? names.clinic),
      organizer: { name: names.clinic, email: mailAddress(this.config.MAIL_FROM) },
      ...(recipientEmail && { attendee: { name: personName(facts.recipientName), email: recipientEmail } }),
    };
  }
}
