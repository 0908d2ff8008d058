import { describe, expect, it } from '@jest/globals';
import { at, daily } from '../../../test/support/booking-rules.js';
import { dayNumber, Zone } from '../../core/kernel/zone.js';
import { hoursOn, toExceptionRanges } from './day-hours.js';
import type { Range } from './ranges.js';
import type { HoursException } from './slot-query.js';

const NEW_YORK = Zone.of('America/New_York');

const closed = (startMinute?: number, endMinute?: number): HoursException => ({
  ...{ kind: 'CLOSED', from: '2026-11-01', to: '2026-11-02' },
  ...(startMinute !== undefined && { startMinute }),
  ...(endMinute !== undefined && { endMinute }),
});

const range = (start: string, end: string): Range => ({ start: at(start), end: at(end) });

describe('the hours of a day', () => {
  const hours = (...exceptions: HoursException[]): ReturnType<typeof hoursOn> =>
    hoursOn(NEW_YORK, daily('00:00-04:00', ...exceptions), dayNumber('2026-11-01'));

  it('are longer if the clocks are put back', () => {
    expect(hours()).toEqual({ hours: [range('2026-11-01T04:00Z', '2026-11-01T09:00Z')], closures: [] });
  });

  it('are those without the closures, which may lie outside', () => {
    expect(hours(closed(180, 300))).toEqual({
      hours: [range('2026-11-01T04:00Z', '2026-11-01T08:00Z')],
      closures: [range('2026-11-01T08:00Z', '2026-11-01T10:00Z')],
    });
  });

  it('are joined if they overlap', () => {
    const open: HoursException = { ...closed(180, 360), kind: 'OPEN' };
    expect(hours(open, closed(300, 330), closed(320, 340)).hours).toEqual([
      range('2026-11-01T04:00Z', '2026-11-01T10:00Z'),
      range('2026-11-01T10:40Z', '2026-11-01T11:00Z'),
    ]);
  });
});

describe('the time of an exception', () => {
  it.each<[number | undefined, number | undefined]>([
    [undefined, undefined],
    [0, 1_440],
    [0, undefined],
    [undefined, 1_440],
  ])('is one range for whole days, given as minutes %p to %p', (start, end) => {
    expect(toExceptionRanges(NEW_YORK, closed(start, end))).toEqual([range('2026-11-01T04:00Z', '2026-11-03T05:00Z')]);
  });

  it('is a range on each day for hours, at their local time', () => {
    expect(toExceptionRanges(NEW_YORK, closed(0, 60))).toEqual([
      range('2026-11-01T04:00Z', '2026-11-01T05:00Z'),
      range('2026-11-02T05:00Z', '2026-11-02T06:00Z'),
    ]);
    expect(toExceptionRanges(NEW_YORK, closed(1_380))).toEqual([
      range('2026-11-02T04:00Z', '2026-11-02T05:00Z'),
      range('2026-11-03T04:00Z', '2026-11-03T05:00Z'),
    ]);
  });
});
