import { describe, expect, it } from '@jest/globals';
import { Zone } from '../../core/kernel/zone.js';
import { parseDay, toClockTime, parseMinutes, toInstant } from './clock-time.js';

describe('a typed time', () => {
  it('is parsed to minutes since midnight, or null', () => {
    const times = {
      '0:00': 0,
      '09:30': 570,
      '23:59': 1439,
      '12:00 AM': 0,
      '12:05 pm': 725,
      '02:00 PM': 840,
      '11:59PM': 1439,
    };
    for (const [time, minute] of Object.entries(times)) expect([time, parseMinutes(time)]).toEqual([time, minute]);
    for (const time of ['', '24:00', '9', '9:5', '10:60', '13:00 PM', '0:10 AM', '-1:00', '1:00 XM', '١٠:٠٠'])
      expect([time, parseMinutes(time)]).toEqual([time, null]);
  });
});

describe('a day and a time in a zone', () => {
  const [cairo, berlin] = [Zone.of('Africa/Cairo'), Zone.of('Europe/Berlin')];

  it('are converted to an instant and back', () => {
    const start = toInstant(cairo, '2026-11-23', '11:00 AM') as number;
    expect(new Date(start).toISOString()).toBe('2026-11-23T09:00:00.000Z');
    expect(toClockTime(cairo, start)).toEqual({ date: '2026-11-23', time: '11:00 AM' });
    for (const time of ['12:00 AM', '12:30 PM', '11:59 PM', '01:05 AM'])
      expect(toClockTime(cairo, toInstant(cairo, '2026-11-23', time) as number).time).toBe(time);
  });

  it('are null in a gap, and the first of two instants in a repeated hour', () => {
    expect(toInstant(berlin, '2026-03-29', '02:30')).toBeNull();
    expect(new Date(toInstant(berlin, '2026-10-25', '02:30') as number).toISOString()).toBe('2026-10-25T00:30:00.000Z');
  });
});

describe('a day in the app’s format', () => {
  it('is a plain day, or midnight in UTC', () => {
    for (const date of [
      '2026-12-02',
      '2026-12-02T00:00:00.000Z',
      '2026-12-02T00:00:00Z',
      '2026-12-02T00:00Z',
      '2026-12-02T00:00:00+00:00',
      '2026-12-02T00:00:00.000',
    ])
      expect([date, parseDay(date)]).toEqual([date, '2026-12-02']);
  });

  it('is not another instant, nor a day that does not exist', () => {
    for (const date of [
      '2026-12-02T22:00:00.000Z',
      '2026-12-02T00:00:01Z',
      '2026-12-02T00:00:00.001Z',
      '2026-12-02T00:00:00+02:00',
      '2026-12-02T09:30:00',
      '2026-02-30',
      '2026-12-02 00:00',
      '02/12/2026',
      '',
    ])
      expect([date, parseDay(date)]).toEqual([date, null]);
  });
});
