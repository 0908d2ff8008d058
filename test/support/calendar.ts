import ICAL from 'ical.js';
import type { Email } from 'postal-mime';

/** Returns the text of the calendar file that is attached to a mail. @throws Error if there is none */
export function calendarText({ attachments }: Email): string {
  const file = attachments.find(({ mimeType }) => mimeType === 'text/calendar');
  if (!file) throw new Error('the mail has no calendar file');
  return typeof file.content === 'string' ? file.content : new TextDecoder().decode(file.content);
}

/** Returns the calendar of a mail, and its one event. */
export function parseCalendar(mail: Email): { calendar: ICAL.Component; event: ICAL.Component } {
  const calendar = new ICAL.Component(ICAL.parse(calendarText(mail)));
  return { calendar, event: calendar.getFirstSubcomponent('vevent') as ICAL.Component };
}

/** Returns the start and end of a mail's calendar event as instants, with the zones in which the file has them. */
export function calendarTimes(mail: Email): { start: string; end: string; zones: string[] } {
  const { startDate, endDate } = new ICAL.Event(parseCalendar(mail).event);
  return {
    start: startDate.toJSDate().toISOString(),
    end: endDate.toJSDate().toISOString(),
    zones: [startDate, endDate].map(({ zone }) => zone?.tzid ?? 'none'),
  };
}
