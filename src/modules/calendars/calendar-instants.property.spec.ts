import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import ICAL from 'ical.js';
import { sync as nodeIcal, type VEvent } from 'node-ical';
import { Zone } from '../../core/kernel/zone.js';
import { calendarFile, type CalendarEvent } from './calendar-file.js';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const NOW = Date.UTC(2026, 9, 1);

/** Zones, and local days on which their clocks change. Kolkata and Kathmandu have none. */
const CHANGES: [zone: string, day: string][] = [
  ['Africa/Cairo', '2026-04-24'],
  ['Africa/Cairo', '2026-10-30'],
  ['Europe/Berlin', '2027-03-28'],
  ['Europe/Berlin', '2026-10-25'],
  ['America/New_York', '2027-03-14'],
  ['America/New_York', '2026-11-01'],
  ['Australia/Lord_Howe', '2026-10-04'],
  ['Asia/Kolkata', '2026-11-29'],
  ['Pacific/Apia', '2011-12-30'],
  ['Asia/Kathmandu', '2026-01-01'],
];

const event = (start: number, end: number, status: string): CalendarEvent => ({
  appointmentId: `${start}`,
  version: 1,
  start,
  end,
  status,
  summary: 'Visit',
  location: 'Here',
  organizer: { name: 'Clinic', email: 'no-reply@clinic.example' },
  updatedAt: NOW,
});

/** The instants that ical.js reads. */
function readWithIcalJs(text: string): number[][] {
  const entries = new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent');
  return entries.map((entry) => {
    const { startDate, endDate } = new ICAL.Event(entry);
    return [startDate, endDate].map((date) => date.toJSDate().getTime());
  });
}

/** The instants that node-ical reads. */
function readWithNodeIcal(text: string): number[][] {
  const entries = Object.values(nodeIcal.parseICS(text)).filter((one): one is VEvent => one?.type === 'VEVENT');
  return entries.map(({ start, end }) => [start.getTime(), end?.getTime() ?? 0]);
}

it('ical.js and node-ical read the instants that were written, also in the hours around a clock change', () => {
  const visit = fc.record({
    change: fc.constantFrom(...CHANGES),
    minutes: fc.integer({ min: -1_500, max: 3_000 }),
    duration: fc.integer({ min: 1, max: 600 }),
    status: fc.constantFrom('PENDING', 'CONFIRMED', 'CANCELLED', 'COMPLETED'),
  });
  fc.assert(
    fc.property(fc.uniqueArray(visit, { maxLength: 8, selector: (one) => JSON.stringify(one) }), (visits) => {
      const expected = visits.map(({ change: [zone, day], minutes, duration }) => {
        const start = Zone.of(zone).startOfDay(day) + minutes * MINUTE;
        return [start, start + duration * MINUTE] as [number, number];
      });
      const events = expected.map(([start, end], index) => ({
        ...event(start, end, visits[index]?.status as string),
        appointmentId: `${index}`,
      }));
      const text = calendarFile(events, { method: 'PUBLISH', now: NOW, name: 'Visits' });
      expect(readWithIcalJs(text)).toEqual(expected);
      expect(readWithNodeIcal(text)).toEqual(expected);
      // No parser has to know a time zone.
      expect(text).not.toContain('TZID');
    }),
    { numRuns: 200 },
  );
});

it('a visit over midnight of the change of the year keeps its length', () => {
  const start = Date.UTC(2026, 11, 31, 23, 45);
  const text = calendarFile([event(start, start + DAY, 'CONFIRMED')], { method: 'PUBLISH', now: NOW });
  expect([readWithIcalJs(text), readWithNodeIcal(text)]).toEqual([[[start, start + DAY]], [[start, start + DAY]]]);
});
