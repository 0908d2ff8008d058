import { describe, expect, it } from '@jest/globals';
import ICAL from 'ical.js';
import { sync as nodeIcal } from 'node-ical';
import { calendarFile, type CalendarEvent } from './calendar-file.js';

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

/** Parses a file that has exactly one entry. */
function parse(text: string): { calendar: ICAL.Component; entry: ICAL.Component } {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const [entry, ...others] = calendar.getAllSubcomponents('vevent');
  expect(others).toEqual([]);
  return { calendar, entry: entry as ICAL.Component };
}
const getValue = (component: ICAL.Component, name: string): string => String(component.getFirstPropertyValue(name));

describe('a calendar file', () => {
  const text = calendarFile([event], { method: 'REQUEST', now: NOW });
  const { calendar, entry } = parse(text);

  it('has lines of at most 75 octets that end in CRLF', () => {
    for (const line of text.split('\r\n')) {
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
      expect(line).not.toMatch(/[\r\n]/);
    }
    expect(text.endsWith('END:VCALENDAR\r\n')).toBe(true);
  });

  it('keeps commas, semicolons and backslashes, and turns line breaks into spaces', () => {
    expect(getValue(entry, 'summary')).toBe(event.summary);
    expect(getValue(entry, 'location')).toBe('Suite 4; 1, Corniche Cairo \\ Egypt');
  });

  it('has the properties that Outlook, Google and Apple require, with times in UTC, and no alarm', () => {
    expect(getValue(calendar, 'method')).toBe('REQUEST');
    expect(getValue(calendar, 'version')).toBe('2.0');
    expect(getValue(entry, 'uid')).toBe('appointment-019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10@careslot');
    expect(getValue(entry, 'sequence')).toBe('2');
    expect(getValue(entry, 'status')).toBe('CONFIRMED');
    expect(text).toContain('DTSTAMP:20261001T120000Z');
    expect(text).toContain('DTSTART:20261123T070000Z');
    expect(text).toContain('DTEND:20261123T073000Z');
    expect(getValue(entry, 'organizer')).toBe('mailto:no-reply@clinic.example');
    expect(text).not.toContain('VALARM');
  });

  it('has exactly one guest, who has accepted, even if the name contains another ATTENDEE line', () => {
    const guests = entry.getAllProperties('attendee');
    expect(guests).toHaveLength(1);
    expect(String(guests[0]?.getFirstValue()).toLowerCase()).toBe('mailto:amina@example.org');
    expect(guests[0]?.getParameter('partstat')).toBe('ACCEPTED');
    expect(guests[0]?.getParameter('rsvp')).toBe('FALSE');
  });

  it('has the same UID and a higher SEQUENCE after a cancellation', () => {
    const cancelled = parse(calendarFile([{ ...event, version: 4 }], { method: 'CANCEL', now: NOW }));
    expect(getValue(cancelled.calendar, 'method')).toBe('CANCEL');
    expect(getValue(cancelled.entry, 'uid')).toBe(getValue(entry, 'uid'));
    expect(getValue(cancelled.entry, 'sequence')).toBe('3');
    expect(getValue(cancelled.entry, 'status')).toBe('CANCELLED');
  });

  it('is tentative until the clinic has confirmed the appointment', () => {
    const pending = parse(calendarFile([{ ...event, status: 'PENDING' }], { method: 'REQUEST', now: NOW }));
    expect(getValue(pending.entry, 'status')).toBe('TENTATIVE');
  });
});

describe('a published calendar', () => {
  const { attendee: _, ...published } = event;
  const url = 'https://video.example/room;a,b?x=1';
  const updatedAt = Date.UTC(2026, 8, 30, 8, 15);
  const other = { ...published, appointmentId: 'b', status: 'NO_SHOW' };
  const text = calendarFile([{ ...published, url, updatedAt }, other], {
    method: 'PUBLISH',
    now: NOW,
    name: 'Visits, "all";\r\nX-EVIL:1',
  });
  const calendar = new ICAL.Component(ICAL.parse(text));
  const entries = calendar.getAllSubcomponents('vevent');

  it('has a name, a refresh interval, and no guests and no time zones', () => {
    expect(getValue(calendar, 'method')).toBe('PUBLISH');
    expect(text).toContain('X-WR-CALNAME:Visits\\, "all"\\; X-EVIL:1\r\n');
    // RFC 7986, 5.1. Neither parser knows this property, so they leave it escaped.
    expect(text).toContain('\r\nNAME:Visits\\, "all"\\; X-EVIL:1\r\n');
    expect(text).toContain('X-PUBLISHED-TTL:PT1H\r\n');
    expect(text).not.toMatch(/^(ATTENDEE|TZID|BEGIN:VTIMEZONE|BEGIN:VALARM|X-EVIL)|;TZID=/m);
    for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
  });

  it('is the same text as long as the appointments do not change', () => {
    const read = (now: number): string => calendarFile([{ ...published, url, updatedAt }], { method: 'PUBLISH', now });
    expect(read(NOW + 60_000)).toBe(read(NOW));
    expect(text).toContain('DTSTAMP:20260930T081500Z\r\n');
    expect(text).toContain('LAST-MODIFIED:20260930T081500Z\r\n');
  });

  it('has links that ical.js and node-ical read as the same URL', () => {
    const read = nodeIcal.parseICS(text)['appointment-019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10@careslot'];
    const expected = 'https://video.example/room%3Ba%2Cb?x=1';
    expect(getValue(entries[0] as ICAL.Component, 'url')).toBe(expected);
    expect((read as { url?: { val?: string } } | undefined)?.url?.val ?? (read as { url?: string }).url).toBe(expected);
  });

  it('shows a visit to which the patient did not come as cancelled', () => {
    expect(entries.map((entry) => getValue(entry, 'status'))).toEqual(['CONFIRMED', 'CANCELLED']);
  });
});
