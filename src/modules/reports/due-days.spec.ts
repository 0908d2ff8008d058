import { describe, expect, it } from '@jest/globals';
import { Zone } from '../../core/kernel/zone.js';
import { findDueDays, newestDueDay } from './due-days.js';

const HOUR = 3_600_000;
const berlin = Zone.of('Europe/Berlin');
const newest = (zone: Zone, instant: string): string => newestDueDay(zone, Date.parse(instant));

describe('the newest day whose report is due', () => {
  it('is yesterday from 06:00 on by the clock of the clinic', () => {
    expect(newest(berlin, '2026-11-23T04:59:59Z')).toBe('2026-11-21');
    expect(newest(berlin, '2026-11-23T05:00:00Z')).toBe('2026-11-22');
    // 06:00 in Kolkata is 00:30 UTC.
    expect(newest(Zone.of('Asia/Kolkata'), '2026-11-23T00:29:59Z')).toBe('2026-11-21');
    expect(newest(Zone.of('Asia/Kolkata'), '2026-11-23T00:30:00Z')).toBe('2026-11-22');
    expect(newest(Zone.of('America/Los_Angeles'), '2026-11-23T13:59:59Z')).toBe('2026-11-21');
    expect(newest(Zone.of('America/Los_Angeles'), '2026-11-23T14:00:00Z')).toBe('2026-11-22');
  });

  it.each([
    ['forward', '2027-03-27', '2027-03-28', 23],
    ['back', '2026-10-24', '2026-10-25', 25],
  ])('is due at 06:00 also after the clocks go %s', (_, before, day, hours) => {
    const start = berlin.boundary(before, 360);
    const due = start + hours * HOUR;
    expect(newestDueDay(berlin, due - 1)).toBe(berlin.addDays(before, -1));
    expect(newestDueDay(berlin, due)).toBe(berlin.addDays(day, -1));
  });
});

describe('the days that are due', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  const find = (createdAt: string, ...reported: string[]): string[] =>
    findDueDays({ zone: berlin, createdAt: Date.parse(createdAt), reported: new Set(reported) }, now);

  it('are those without a report, the newest first', () => {
    expect(find('2026-11-18T12:00:00Z', '2026-11-20', '2026-11-21')).toEqual([
      '2026-11-22',
      '2026-11-19',
      '2026-11-18',
    ]);
    expect(find('2026-11-22T23:30:00Z')).toEqual([]);
  });

  it('are at most 31', () => {
    const days = find('2020-01-01T00:00:00Z');
    expect([days.length, days[0], days.at(-1)]).toEqual([31, '2026-11-22', '2026-10-23']);
  });
});
