import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { isDay, Zone, dayName, dayNumber } from './zone.js';

const at = (iso: string): number => Temporal.Instant.from(iso).epochMilliseconds;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NINE = 9 * 60;

describe('Zone names', () => {
  it('accepts every zone that ICU lists', () => {
    const names = [...Intl.supportedValuesOf('timeZone'), 'UTC', 'Asia/Kolkata', 'Europe/Kyiv', 'Etc/GMT+5', 'EST5EDT'];
    expect(names.filter((name) => !Zone.isValid(name))).toEqual([]);
  });

  it.each([
    ['an offset', '+02:00'],
    ['an offset without a colon', '-0530'],
    ['an offset from UTC', 'UTC+1'],
    ['Z', 'Z'],
    ['nothing', ''],
    ['an abbreviation that ICU knows', 'PST'],
    ['a legacy name that ICU knows', 'SystemV/PST8PDT'],
    ['a made-up place', 'Mars/Phobos'],
    ['another spelling', 'europe/london'],
    ['a zone with a blank after it', 'UTC '],
    ['a zoned time', '2026-01-01T00:00[Europe/London]'],
  ])('rejects %s', (_, name) => {
    expect(Zone.isValid(name)).toBe(false);
    expect(() => Zone.of(name)).toThrow(RangeError);
  });

  it('returns the same object for the same name', () => {
    expect(Zone.of('Africa/Cairo')).toBe(Zone.of('Africa/Cairo'));
    expect(Zone.of('Africa/Cairo').name).toBe('Africa/Cairo');
  });
});

describe('Local time', () => {
  it.each([
    ['America/New_York', '2026-03-07', '2026-03-07T14:00Z'],
    ['America/New_York', '2026-03-08', '2026-03-08T13:00Z'],
    ['America/New_York', '2026-10-31', '2026-10-31T13:00Z'],
    ['America/New_York', '2026-11-01', '2026-11-01T14:00Z'],
    ['Europe/London', '2026-03-28', '2026-03-28T09:00Z'],
    ['Europe/London', '2026-03-29', '2026-03-29T08:00Z'],
    ['Asia/Beirut', '2026-03-28', '2026-03-28T07:00Z'],
    ['Asia/Beirut', '2026-03-29', '2026-03-29T06:00Z'],
    ['Africa/Cairo', '2026-04-23', '2026-04-23T07:00Z'],
    ['Africa/Cairo', '2026-04-24', '2026-04-24T06:00Z'],
    ['Australia/Lord_Howe', '2026-10-03', '2026-10-02T22:30Z'],
    ['Australia/Lord_Howe', '2026-10-04', '2026-10-03T22:00Z'],
    ['Asia/Kolkata', '2026-03-29', '2026-03-29T03:30Z'],
    ['UTC', '2026-03-29', '2026-03-29T09:00Z'],
  ])('09:00 in %s on %s is %s', (name, day, instant) => {
    const zone = Zone.of(name);
    expect(zone.getInstants(day, NINE)).toEqual([at(instant)]);
    expect(zone.boundary(day, NINE)).toBe(at(instant));
    expect([zone.toDay(at(instant)), zone.minuteOfDay(at(instant))]).toEqual([day, NINE]);
  });

  it.each([
    ['America/New_York', '2026-03-08', 150, '2026-03-08T07:00Z'],
    ['Australia/Lord_Howe', '2026-10-04', 135, '2026-10-03T15:30Z'],
    ['Africa/Cairo', '2026-04-24', 0, '2026-04-23T22:00Z'],
    ['Asia/Beirut', '2026-03-29', 30, '2026-03-28T22:00Z'],
    ['America/Santiago', '2026-09-06', 0, '2026-09-06T04:00Z'],
  ])('in %s on %s minute %i does not exist; its boundary is the transition', (name, day, minute, transition) => {
    expect(Zone.of(name).getInstants(day, minute)).toEqual([]);
    expect(Zone.of(name).boundary(day, minute)).toBe(at(transition));
  });

  it.each([
    ['America/New_York', '2026-11-01', 90, '2026-11-01T05:30Z', '2026-11-01T06:30Z'],
    ['Australia/Lord_Howe', '2026-04-05', 105, '2026-04-04T14:45Z', '2026-04-04T15:15Z'],
    ['Africa/Cairo', '2026-10-29', 1_410, '2026-10-29T20:30Z', '2026-10-29T21:30Z'],
  ])('in %s on %s minute %i exists twice; its boundary is the first instant', (name, day, minute, first, second) => {
    expect(Zone.of(name).getInstants(day, minute)).toEqual([at(first), at(second)]);
    expect(Zone.of(name).boundary(day, minute)).toBe(at(first));
  });

  it('starts a day whose midnight is skipped at its first instant', () => {
    const cairo = Zone.of('Africa/Cairo');
    expect(cairo.startOfDay('2026-04-24')).toBe(at('2026-04-23T22:00Z'));
    expect(cairo.boundary('2026-04-23', 1_440)).toBe(at('2026-04-23T22:00Z'));
    expect(cairo.minuteOfDay(cairo.startOfDay('2026-04-24'))).toBe(60);
  });

  it('makes a day 25 hours long if its last hour is repeated', () => {
    const cairo = Zone.of('Africa/Cairo');
    expect(cairo.boundary('2026-10-29', 1_440) - cairo.startOfDay('2026-10-29')).toBe(25 * HOUR);
  });

  it('has no instants on a day that the zone skipped', () => {
    const apia = Zone.of('Pacific/Apia');
    const skipped = '2011-12-30';
    expect([0, NINE, 1_439].map((minute) => apia.getInstants(skipped, minute))).toEqual([[], [], []]);
    expect(apia.startOfDay(skipped)).toBe(apia.boundary(skipped, 1_440));
    expect(apia.boundary('2011-12-29', 1_440)).toBe(apia.startOfDay('2011-12-31'));
    expect(apia.toDay(apia.startOfDay('2011-12-31') - 1)).toBe('2011-12-29');
    expect(apia.steadyOffsetOn(dayNumber(skipped))).toBeNull();
  });

  it('starts a day at the first of two midnights', () => {
    const stJohns = Zone.of('America/St_Johns');
    const [first, second] = stJohns.getInstants('2010-11-07', 0);
    expect([first, second]).toEqual([at('2010-11-07T02:30Z'), at('2010-11-07T03:30Z')]);
    expect(stJohns.startOfDay('2010-11-07')).toBe(first);
    expect(stJohns.toDay(at('2010-11-07T03:00Z'))).toBe('2010-11-06');
  });

  it('returns the offset of days without a clock change', () => {
    const cairo = Zone.of('Africa/Cairo');
    const offsets = ['2026-04-23', '2026-04-24', '2026-04-25', '2026-10-29', '2026-10-30'].map((day) =>
      cairo.steadyOffsetOn(dayNumber(day)),
    );
    expect(offsets).toEqual([2 * HOUR, null, 3 * HOUR, null, 2 * HOUR]);
  });

  it.each([
    ['whose clocks change between 23:30 and 00:30', 'America/Toronto', '1919-03-30'],
    ['whose clocks change at the border of two cached windows', 'America/Nuuk', '1985-03-30'],
  ])('returns no steady offset for a day %s', (_, zone, day) => {
    expect(Zone.of(zone).steadyOffsetOn(dayNumber(day))).toBeNull();
  });

  it.each([Infinity, -Infinity, Number.NaN])('has no day for %p: toDay throws', (ms) => {
    expect(() => Zone.of('UTC').toDay(ms)).toThrow(RangeError);
  });
});

describe('Calendar days', () => {
  it('are added across months, leap days and years', () => {
    const zone = Zone.of('UTC');
    expect(zone.addDays('2024-02-28', 1)).toBe('2024-02-29');
    expect(zone.addDays('2026-02-28', 1)).toBe('2026-03-01');
    expect(zone.addDays('2026-01-01', -1)).toBe('2025-12-31');
    expect(zone.addDays('1900-02-28', 1)).toBe('1900-03-01');
    expect(zone.addDays('9999-12-31', 1)).toBe('+010000-01-01');
    expect(zone.startOfDay('+010000-01-01')).toBe(at('+010000-01-01T00:00Z'));
  });

  it('include a day that the zone skipped', () => {
    expect(Zone.of('Pacific/Apia').addDays('2011-12-29', 1)).toBe('2011-12-30');
  });

  it('have weekdays from Monday 1 to Sunday 7', () => {
    const weekdays = ['2026-11-23', '2026-11-29', '1970-01-01', '1969-12-31', '0001-01-01'].map((day) =>
      Zone.of('UTC').getWeekday(day),
    );
    expect(weekdays).toEqual([1, 7, 4, 3, 1]);
  });

  it.each(['2026-02-30', '2026-13-01', '2026-00-10', '2026-1-1', '', '-000000-01-01', '2026-01-01T00:00Z'])(
    'do not include %p',
    (day) => {
      expect(isDay(day)).toBe(false);
      expect(() => Zone.of('UTC').startOfDay(day)).toThrow(RangeError);
    },
  );

  it('have the same names and numbers as in Temporal', () => {
    fc.assert(
      fc.property(fc.integer({ min: -4_000_000, max: 4_000_000 }), (number) => {
        const day = Temporal.PlainDate.from('1970-01-01').add({ days: number });
        expect(dayName(number)).toBe(day.toString());
        expect(dayNumber(day.toString())).toBe(number);
        expect(Zone.of('UTC').getWeekday(day.toString())).toBe(day.dayOfWeek);
      }),
      { numRuns: 300 },
    );
  });
});

describe('Every zone', () => {
  const zone = fc.constantFrom('UTC', ...Intl.supportedValuesOf('timeZone'));
  const instant = fc.integer({ min: at('1975-01-01T00:00Z') / MINUTE, max: at('2045-01-01T00:00Z') / MINUTE });

  /** An instant, or one near the next clock change. */
  const moment = fc.tuple(zone, instant, fc.boolean(), fc.integer({ min: -1_500, max: 1_500 }));

  const near = ([name, minute, atChange, shift]: [string, number, boolean, number]): Temporal.ZonedDateTime => {
    const time = Temporal.Instant.fromEpochMilliseconds(minute * MINUTE).toZonedDateTimeISO(name);
    const change = atChange ? time.getTimeZoneTransition('next') : null;
    return change ? change.add({ minutes: shift }) : time;
  };

  it('has the same local time as Temporal, and converts it back', () => {
    fc.assert(
      fc.property(moment, (drawn) => {
        const time = near(drawn);
        const own = Zone.of(drawn[0]);
        const ms = time.epochMilliseconds;
        expect(own.offsetAt(ms) * 1e6).toBe(time.offsetNanoseconds);
        expect(own.toDay(ms)).toBe(time.toPlainDate().toString());
        expect(own.minuteOfDay(ms)).toBe(time.hour * 60 + time.minute);
        expect(own.getInstants(own.toDay(ms), own.millisecondOfDay(ms) / MINUTE)).toContain(ms);
      }),
      { numRuns: 500 },
    );
  });

  it('returns the first instant at which the wall clock shows a time or a later one', () => {
    fc.assert(
      fc.property(moment, fc.integer({ min: 0, max: 1_440 }), (drawn, minute) => {
        const day = near(drawn).toPlainDate();
        const own = Zone.of(drawn[0]);
        const found = own.boundary(day.toString(), minute);
        const wanted = day.toPlainDateTime().add({ minutes: minute });
        const wallAt = (ms: number): Temporal.PlainDateTime =>
          Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(drawn[0]).toPlainDateTime();
        expect(Temporal.PlainDateTime.compare(wallAt(found), wanted)).toBeGreaterThanOrEqual(0);
        for (const before of [1, MINUTE, 30 * MINUTE, HOUR, 5 * HOUR]) {
          expect(Temporal.PlainDateTime.compare(wallAt(found - before), wanted)).toBe(-1);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('returns a steady offset exactly for days on which each minute is one instant', () => {
    fc.assert(
      fc.property(moment, (drawn) => {
        const own = Zone.of(drawn[0]);
        const day = own.toDayNumber(near(drawn).epochMilliseconds);
        const instants = Array.from({ length: 1_440 }, (_, minute) => own.instantsOn(day, minute));
        const offset = own.steadyOffsetOn(day);
        const ofSteadyDay = instants.map((_, minute) => [(day * 1_440 + minute) * MINUTE - (offset ?? 0)]);
        expect(JSON.stringify(instants) === JSON.stringify(ofSteadyDay)).toBe(offset !== null);
      }),
      { numRuns: 200 },
    );
  });

  it('lists the days of a range, the end excluded, also if the clocks skip midnight', () => {
    // In Cairo, 2026-04-24 begins at 01:00.
    const cairo = Zone.of('Africa/Cairo');
    const days = (start: string, end: string): string[] => cairo.daysBetween(Date.parse(start), Date.parse(end));
    expect(days('2026-04-23T21:30Z', '2026-04-23T22:00Z')).toEqual(['2026-04-23']);
    expect(days('2026-04-23T21:30Z', '2026-04-23T22:01Z')).toEqual(['2026-04-23', '2026-04-24']);
    expect(days('2026-04-23T22:00Z', '2026-04-23T22:00Z')).toEqual(['2026-04-24']);
    expect(days('2026-04-22T12:00Z', '2026-04-24T12:00Z')).toEqual(['2026-04-22', '2026-04-23', '2026-04-24']);
  });
});
