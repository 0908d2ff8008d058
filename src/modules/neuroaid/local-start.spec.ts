import { describe, expect, it } from '@jest/globals';
import { Zone } from '../../core/kernel/zone.js';
import { localTimeOf, minuteOf, startOf } from './local-start.js';

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
    expect(localTimeOf(cairo, start)).toEqual({ date: '2026-11-23', time: '11:00' });
  });

  it('are none where the clocks skip them, and the first of two', () => {
    expect(startOf(berlin, '2026-03-29', '02:30')).toBeNull();
    expect(new Date(startOf(berlin, '2026-10-25', '02:30') as number).toISOString()).toBe('2026-10-25T00:30:00.000Z');
  });
});
