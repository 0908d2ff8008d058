import { describe, expect, it } from '@jest/globals';
import ICAL from 'ical.js';
import { invitation, publishedCalendar, type CalendarEvent } from './calendar.js';

const NOW = Date.UTC(2026, 9, 1, 12);
const event: CalendarEvent = {
  appointmentId: '019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10',
  version: 3,
  start: Date.UTC(2026, 10, 23, 7),
  end: Date.UTC(2026, 10, 23, 7, 30),
  status: 'CONFIRMED',
  summary: 'موعد مع د. عمر عبد الرحمن، عيادة النيل للأسنان والعناية بالفم والوجه والفكين في القاهرة',
  location: 'Suite 4; 1, Corniche\nCairo \\ Egypt',
  organizer: { name: 'Nile "Family" Clinic', email: 'no-reply@clinic.example' },
  attendee: { name: 'Amina\r\nATTENDEE:mailto:evil@example.org', email: 'amina@example.org' },
};

const eventsOf = (text: string): { calendar: ICAL.Component; events: ICAL.Component[] } => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  return { calendar, events: calendar.getAllSubcomponents('vevent') };
};
const valueOf = (component: ICAL.Component, name: string): string => String(component.getFirstPropertyValue(name));

describe('an invitation', () => {
  const text = invitation('REQUEST', event, NOW);
  const { calendar, events } = eventsOf(text);
  const [vevent] = events as [ICAL.Component];

  it('has lines of at most 75 octets that end in CRLF', () => {
    for (const line of text.split('\r\n')) {
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
      expect(line).not.toMatch(/[\r\n]/);
    }
    expect(text.endsWith('END:VCALENDAR\r\n')).toBe(true);
    expect(publishedCalendar('x', [], NOW).endsWith('END:VCALENDAR\r\n')).toBe(true);
  });

  it('reads back as it was, commas, semicolons, backslashes and lines', () => {
    expect(valueOf(vevent, 'summary')).toBe(event.summary);
    expect(valueOf(vevent, 'location')).toBe('Suite 4; 1, Corniche Cairo \\ Egypt');
  });

  it('has what Outlook, Google and Apple ask for', () => {
    expect(valueOf(calendar, 'method')).toBe('REQUEST');
    expect(valueOf(calendar, 'version')).toBe('2.0');
    expect(valueOf(vevent, 'uid')).toBe('appointment-019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10@careslot');
    expect(valueOf(vevent, 'sequence')).toBe('2');
    expect(valueOf(vevent, 'status')).toBe('CONFIRMED');
    expect(text).toContain('DTSTAMP:20261001T120000Z');
    expect(text).toContain('DTSTART:20261123T070000Z');
    expect(text).toContain('DTEND:20261123T073000Z');
    expect(valueOf(vevent, 'organizer')).toBe('mailto:no-reply@clinic.example');
    expect(text).not.toContain('VALARM');
  });

  it('has one guest, who has accepted, whatever stands in the name', () => {
    const guests = vevent.getAllProperties('attendee');
    expect(guests).toHaveLength(1);
    expect(String(guests[0]?.getFirstValue()).toLowerCase()).toBe('mailto:amina@example.org');
    expect(guests[0]?.getParameter('partstat')).toBe('ACCEPTED');
    expect(guests[0]?.getParameter('rsvp')).toBe('FALSE');
  });

  it('keeps its UID when moved or cancelled, with a higher SEQUENCE', () => {
    const cancelled = eventsOf(invitation('CANCEL', { ...event, version: 4 }, NOW));
    const [gone] = cancelled.events as [ICAL.Component];
    expect(valueOf(cancelled.calendar, 'method')).toBe('CANCEL');
    expect(valueOf(gone, 'uid')).toBe(valueOf(vevent, 'uid'));
    expect(valueOf(gone, 'sequence')).toBe('3');
    expect(valueOf(gone, 'status')).toBe('CANCELLED');
  });

  it('is tentative until the clinic confirms', () => {
    const [pending] = eventsOf(invitation('REQUEST', { ...event, status: 'PENDING' }, NOW)).events;
    expect(valueOf(pending as ICAL.Component, 'status')).toBe('TENTATIVE');
  });
});

describe('a published calendar', () => {
  it('holds many appointments, no guests', () => {
    const more = { ...event, appointmentId: 'b', status: 'CANCELLED' };
    const { calendar, events } = eventsOf(publishedCalendar('مواعيدي', [event, more], NOW));
    expect(valueOf(calendar, 'method')).toBe('PUBLISH');
    expect(events.map((one) => valueOf(one, 'status'))).toEqual(['CONFIRMED', 'CANCELLED']);
    expect(events.flatMap((one) => one.getAllProperties('attendee'))).toEqual([]);
  });

  it('may be empty', () => {
    expect(eventsOf(publishedCalendar('x', [], NOW)).events).toEqual([]);
  });
});
