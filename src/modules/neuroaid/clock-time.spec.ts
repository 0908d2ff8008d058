import { describe, expect, it } from '@jest/globals';
import { Zone } from '../../core/kernel/zone.js';
import { dayOf, localTimeOf, minuteOf, startOf } from './clock-time.js';

describe('a time as people write it', () => {
  it('is minutes since midnight, or nothing', () => {
    const times = {
      '0:00': 0,
      '09:30': 570,
      '23:59': 1439,
      '12:00 AM': 0,
      '12:05 pm': 725,
      '02:00 PM': 840,
      '11:59PM': 1439,
    };
    for (const [time, minute] of Object.entries(times)) expect([time, minuteOf(time)]).toEqual([time, minute]);
    for (const time of ['', '24:00', '9', '9:5', '10:60', '13:00 PM', '0:10 AM', '-1:00', '1:00 XM', '١٠:٠٠'])
      expect([time, minuteOf(time)]).toEqual([time, null]);
  });
});

describe('a day and a time in a zone', () => {
  const [cairo, berlin] = [Zone.of('Africa/Cairo'), Zone.of('Europe/Berlin')];

  it('are an instant, and back', () => {
    const start = startOf(cairo, '2026-11-23', '11:00 AM') as number;
    expect(new Date(start).toISOString()).toBe('2026-11-23T09:00:00.000Z');
    expect(localTimeOf(cairo, start)).toEqual({ date: '2026-11-23', time: '11:00 AM' });
    for (const time of ['12:00 AM', '12:30 PM', '11:59 PM', '01:05 AM'])
      expect(localTimeOf(cairo, startOf(cairo, '2026-11-23', time) as number).time).toBe(time);
  });

  it('are none where the clocks skip them, and the first of two', () => {
    expect(startOf(berlin, '2026-03-29', '02:30')).toBeNull();
    expect(new Date(startOf(berlin, '2026-10-25', '02:30') as number).toISOString()).toBe('2026-10-25T00:30:00.000Z');
  });
});

describe('a day as the client writes it', () => {
  it('is a bare day, or midnight in UTC', () => {
    for (const date of [
      '2026-12-02',
      '2026-12-02T00:00:00.000Z',
      '2026-12-02T00:00:00Z',
      '2026-12-02T00:00Z',
      '2026-12-02T00:00:00+00:00',
      '2026-12-02T00:00:00.000',
    ])
      expect([date, dayOf(date)]).toEqual([date, '2026-12-02']);
  });

  it('is no other instant, and no day that the calendar does not have', () => {
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
      expect([date, dayOf(date)]).toEqual([date, null]);
  });
});
