import { describe, expect, it } from '@jest/globals';
import { Zone } from '../../core/kernel/zone.js';
import { assignResources, listSlots, nearestSlots, whyNotBookable } from './availability.js';
import type { Range } from './ranges.js';
import type { Bookable, BookingTerms, HoursException, Schedule, SlotQuery } from './slot-query.js';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const at = (iso: string): number => Date.parse(iso);
const toIso = (ms: number): string => new Date(ms).toISOString().slice(0, 16) + 'Z';
const clock = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** The same hours on every day of the week, such as '09:00-12:00'. */
const daily = (...hours: string[]): Schedule => ({
  rules: hours.flatMap((span) =>
    [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, startMinute: from(span), endMinute: to(span) })),
  ),
  exceptions: [],
});
const from = (span: string): number => clock(span.slice(0, 5));
const to = (span: string): number => clock(span.slice(6));

const exception = (kind: 'CLOSED' | 'OPEN', first: string, last = first, span?: string): HoursException => ({
  kind,
  from: first,
  to: last,
  ...(span ? { startMinute: from(span), endMinute: to(span) } : {}),
});

const terms = (some: Partial<BookingTerms> = {}): BookingTerms => ({
  durationMinutes: 30,
  bufferBeforeMinutes: 0,
  bufferAfterMinutes: 0,
  slotStepMinutes: 30,
  minimumNoticeMinutes: 0,
  horizonDays: 400,
  ...some,
});

interface TestQuery extends Partial<Omit<SlotQuery, 'zone' | 'terms' | 'window' | 'now'>> {
  zone?: string;
  terms?: Partial<BookingTerms>;
  /** Local days, both included. */
  days: [string, string];
  now?: string;
}

function slotQuery(query: TestQuery): SlotQuery {
  const zone = Zone.of(query.zone ?? 'UTC');
  const window = { start: zone.startOfDay(query.days[0]), end: zone.boundary(query.days[1], 1_440) };
  return {
    schedule: daily('09:00-12:00'),
    busy: [],
    pools: [],
    ...query,
    zone,
    terms: terms(query.terms),
    window,
    now: query.now ? at(query.now) : window.start - 2 * DAY,
  };
}

const listStarts = (query: SlotQuery): string[] => listSlots(query).map(({ start }) => toIso(start));
const busyFrom = (start: string, minutes: number): Range => ({ start: at(start), end: at(start) + minutes * MINUTE });
const room = (id: string, busy: Range[] = [], schedule: Schedule | null = null): Bookable => ({ id, schedule, busy });

describe('Clock changes', () => {
  it.each([
    ['America/New_York', '2026-03-07', '2026-03-08', ['2026-03-07T14:00Z', '2026-03-08T13:00Z']],
    ['America/New_York', '2026-10-31', '2026-11-01', ['2026-10-31T13:00Z', '2026-11-01T14:00Z']],
    ['Europe/London', '2026-03-28', '2026-03-29', ['2026-03-28T09:00Z', '2026-03-29T08:00Z']],
    ['Europe/London', '2026-10-24', '2026-10-25', ['2026-10-24T08:00Z', '2026-10-25T09:00Z']],
    ['Asia/Beirut', '2026-03-28', '2026-03-29', ['2026-03-28T07:00Z', '2026-03-29T06:00Z']],
    ['Africa/Cairo', '2026-04-23', '2026-04-24', ['2026-04-23T07:00Z', '2026-04-24T06:00Z']],
    ['Africa/Cairo', '2026-10-29', '2026-10-30', ['2026-10-29T06:00Z', '2026-10-30T07:00Z']],
    ['Australia/Lord_Howe', '2026-04-04', '2026-04-05', ['2026-04-03T22:00Z', '2026-04-04T22:30Z']],
    ['Australia/Lord_Howe', '2026-10-03', '2026-10-04', ['2026-10-02T22:30Z', '2026-10-03T22:00Z']],
    ['Asia/Kolkata', '2026-03-28', '2026-03-29', ['2026-03-28T03:30Z', '2026-03-29T03:30Z']],
  ])('09:00 stays 09:00 in %s on %s and %s', (zone, first, last, starts) => {
    expect(listStarts(slotQuery({ zone, days: [first, last], schedule: daily('09:00-09:30') }))).toEqual(starts);
  });

  it('lists no time that the clock change skips, and continues directly after it', () => {
    const query = slotQuery({
      zone: 'America/New_York',
      days: ['2026-03-08', '2026-03-08'],
      schedule: daily('01:00-04:00'),
    });
    const starts = ['2026-03-08T06:00Z', '2026-03-08T06:30Z', '2026-03-08T07:00Z', '2026-03-08T07:30Z'];
    expect(listStarts(query)).toEqual(starts);
    expect(listStarts({ ...query, terms: terms({ durationMinutes: 120 }) })).toEqual(['2026-03-08T06:00Z']);
  });

  it('lists a repeated time as two instants', () => {
    const query = slotQuery({
      zone: 'America/New_York',
      days: ['2026-11-01', '2026-11-01'],
      schedule: daily('01:00-02:00'),
    });
    const starts = ['2026-11-01T05:00Z', '2026-11-01T05:30Z', '2026-11-01T06:00Z', '2026-11-01T06:30Z'];
    expect(listStarts(query)).toEqual(starts);
  });

  it('measures the duration of a slot in elapsed time, not on the wall clock', () => {
    const query = slotQuery({
      zone: 'America/New_York',
      days: ['2026-11-01', '2026-11-01'],
      schedule: daily('01:00-02:00'),
      terms: { durationMinutes: 120 },
    });
    expect(listStarts(query)).toEqual(['2026-11-01T05:00Z']);
  });

  it('closes at the first occurrence of a repeated closing time', () => {
    const query = slotQuery({
      zone: 'America/New_York',
      days: ['2026-11-01', '2026-11-01'],
      schedule: daily('00:30-01:30'),
    });
    expect(listStarts(query)).toEqual(['2026-11-01T04:30Z', '2026-11-01T05:00Z']);
    expect(whyNotBookable(query, at('2026-11-01T06:00Z'))).toBe('OUTSIDE_WORKING_HOURS');
  });

  it('lists no repeated time of an opening that has ended, even if another opening has started', () => {
    const query = slotQuery({
      zone: 'America/New_York',
      days: ['2026-11-01', '2026-11-01'],
      schedule: daily('00:30-01:10', '01:20-02:00'),
      terms: { durationMinutes: 10 },
    });
    // 00:30, 01:00, 01:20 and 01:50 of the first pass, 01:20 and 01:50 of the second.
    const starts = ['04:30', '05:00', '05:20', '05:50', '06:20', '06:50'];
    expect(listStarts(query)).toEqual(starts.map((time) => `2026-11-01T${time}Z`));
    expect(whyNotBookable(query, at('2026-11-01T06:00Z'))).toBe('OFF_GRID');
  });

  it('keeps the wall-clock grid through a change of half an hour', () => {
    const query = slotQuery({
      zone: 'Australia/Lord_Howe',
      days: ['2026-10-04', '2026-10-04'],
      schedule: daily('01:00-04:00'),
      terms: { slotStepMinutes: 60 },
    });
    // 01:00 at +10:30; 02:00 is skipped; 03:00 at +11.
    expect(listStarts(query)).toEqual(['2026-10-03T14:30Z', '2026-10-03T16:00Z']);
  });

  it('opens at the first instant of a day whose midnight is skipped', () => {
    const query = slotQuery({
      zone: 'Africa/Cairo',
      days: ['2026-04-24', '2026-04-24'],
      schedule: daily('00:00-02:00'),
    });
    expect(listStarts(query)).toEqual(['2026-04-23T22:00Z', '2026-04-23T22:30Z']);
  });

  it('lists nothing on a day that the zone skipped', () => {
    const query = slotQuery({
      zone: 'Pacific/Apia',
      days: ['2011-12-29', '2011-12-31'],
      schedule: daily('09:00-09:30'),
    });
    expect(listStarts(query)).toEqual(['2011-12-29T19:00Z', '2011-12-30T19:00Z']);
  });

  it('measures the notice in elapsed time on the day of a clock change', () => {
    const query = slotQuery({
      zone: 'America/New_York',
      days: ['2026-03-08', '2026-03-08'],
      now: '2026-03-07T14:00Z',
      terms: { minimumNoticeMinutes: 1_440 },
    });
    // A day after 09:00 EST is 10:00 EDT.
    expect(listStarts(query)[0]).toBe('2026-03-08T14:00Z');
    expect(whyNotBookable(query, at('2026-03-08T13:30Z'))).toBe('INSIDE_NOTICE');
    expect(whyNotBookable(query, at('2026-03-08T14:00Z'))).toBeNull();
  });
});

describe('Working hours', () => {
  it('lists the opening time and every later step that leaves enough time for the service', () => {
    const query = slotQuery({
      days: ['2026-11-23', '2026-11-23'],
      terms: { slotStepMinutes: 25, durationMinutes: 40 },
    });
    const starts = ['09:00', '09:25', '09:50', '10:15', '10:40', '11:05'];
    expect(listStarts(query)).toEqual(starts.map((time) => `2026-11-23T${time}Z`));
    expect(listSlots(query)[0]).toEqual({ start: at('2026-11-23T09:00Z'), end: at('2026-11-23T09:40Z') });
  });

  it('starts a new grid at each opening', () => {
    const query = slotQuery({ days: ['2026-11-23', '2026-11-23'], schedule: daily('09:00-10:00', '13:10-14:10') });
    const starts = ['09:00', '09:30', '13:10', '13:40'];
    expect(listStarts(query)).toEqual(starts.map((time) => `2026-11-23T${time}Z`));
  });

  it.each([
    ['09:30', null],
    ['13:10', null],
    ['13:40', null],
    ['13:30', 'OFF_GRID'],
    ['09:10', 'OFF_GRID'],
    ['10:00', 'OUTSIDE_WORKING_HOURS'],
  ])('has the grid of the opening that contains %s: %s', (time, reason) => {
    const query = slotQuery({ days: ['2026-11-23', '2026-11-23'], schedule: daily('09:00-10:00', '13:10-14:10') });
    expect(whyNotBookable(query, at(`2026-11-23T${time}Z`))).toBe(reason);
  });

  it('continues the grid through adjacent hours', () => {
    const query = slotQuery({ days: ['2026-11-23', '2026-11-23'], schedule: daily('09:00-09:40', '09:40-10:30') });
    expect(listStarts(query)).toEqual(['09:00', '09:30', '10:00'].map((time) => `2026-11-23T${time}Z`));
    expect(whyNotBookable(query, at('2026-11-23T09:40Z'))).toBe('OFF_GRID');
    expect(whyNotBookable(query, at('2026-11-23T10:00Z'))).toBeNull();
  });

  it('joins adjacent and overlapping hours to one opening', () => {
    const query = slotQuery({
      days: ['2026-11-23', '2026-11-23'],
      schedule: daily('10:00-11:10', '09:00-10:10', '11:10-12:00'),
      terms: { durationMinutes: 120, slotStepMinutes: 60 },
    });
    expect(listStarts(query)).toEqual(['2026-11-23T09:00Z', '2026-11-23T10:00Z']);
  });

  it('allows a slot across midnight if hours until 24:00 continue at 00:00', () => {
    const query = slotQuery({
      days: ['2026-11-23', '2026-11-23'],
      schedule: daily('23:00-24:00', '00:00-00:30'),
      terms: { durationMinutes: 60 },
    });
    expect(listStarts(query)).toEqual(['2026-11-23T23:00Z', '2026-11-23T23:30Z']);
  });

  it('closes at midnight if hours end at 24:00', () => {
    const query = slotQuery({
      days: ['2026-11-23', '2026-11-24'],
      schedule: daily('23:00-24:00'),
      terms: { durationMinutes: 45 },
    });
    expect(listStarts(query)).toEqual(['2026-11-23T23:00Z', '2026-11-24T23:00Z']);
  });

  it('applies hours on their weekday, from the first to the last day of validity', () => {
    const rule = { weekday: 1, startMinute: 540, endMinute: 570, validFrom: '2026-11-09', validTo: '2026-11-23' };
    const query = slotQuery({ days: ['2026-11-01', '2026-12-31'], schedule: { rules: [rule], exceptions: [] } });
    expect(listStarts(query)).toEqual(['2026-11-09T09:00Z', '2026-11-16T09:00Z', '2026-11-23T09:00Z']);
  });

  it('lists nothing without weekly hours', () => {
    expect(
      listStarts(slotQuery({ days: ['2026-11-23', '2026-11-29'], schedule: { rules: [], exceptions: [] } })),
    ).toEqual([]);
  });

  it('rejects a step or a duration of zero', () => {
    const query = slotQuery({ days: ['2026-11-23', '2026-11-23'] });
    expect(() => listSlots({ ...query, terms: terms({ slotStepMinutes: 0 }) })).toThrow(RangeError);
    expect(() => whyNotBookable({ ...query, terms: terms({ durationMinutes: 0 }) }, 0)).toThrow(RangeError);
  });
});

describe('Exceptions', () => {
  const days: [string, string] = ['2026-11-23', '2026-11-24'];
  const hours = daily('09:00-11:00');
  const withException = (...exceptions: HoursException[]): SlotQuery =>
    slotQuery({ days, schedule: { ...hours, exceptions } });

  it('closes whole days, including the first and the last', () => {
    expect(listStarts(withException(exception('CLOSED', '2026-11-20', '2026-11-23')))).toEqual(
      ['09:00', '09:30', '10:00', '10:30'].map((time) => `2026-11-24T${time}Z`),
    );
  });

  it('closes hours on each day without moving the grid', () => {
    const query = withException(exception('CLOSED', '2026-11-23', '2026-11-24', '09:00-09:40'));
    expect(listStarts(query).map((start) => start.slice(8))).toEqual([
      '23T10:00Z',
      '23T10:30Z',
      '24T10:00Z',
      '24T10:30Z',
    ]);
  });

  it('closes hours around the opening time without moving the grid', () => {
    const query = withException(exception('CLOSED', '2026-11-23', '2026-11-24', '08:40-09:10'));
    expect(listStarts(query).map((start) => start.slice(11))).toEqual([
      ...['09:30Z', '10:00Z', '10:30Z'],
      ...['09:30Z', '10:00Z', '10:30Z'],
    ]);
  });

  it('opens extra hours with their own grid', () => {
    const query = withException(exception('OPEN', '2026-11-23', '2026-11-23', '18:10-19:10'));
    expect(listStarts(query).filter((start) => start > '2026-11-23T12')[0]).toBe('2026-11-23T18:10Z');
  });

  it('opens the whole day if no times are given', () => {
    const query = slotQuery({ days, schedule: { rules: [], exceptions: [exception('OPEN', '2026-11-24')] } });
    expect(listStarts(query)).toHaveLength(48);
  });

  it('prefers CLOSED to OPEN', () => {
    const query = withException(
      exception('OPEN', '2026-11-23', '2026-11-23', '08:00-11:00'),
      exception('CLOSED', days[0], days[1]),
    );
    expect(listStarts(query)).toEqual([]);
  });

  it('are the reason TIME_OFF for a start within working hours', () => {
    const query = withException(exception('CLOSED', '2026-11-23'));
    expect(new Set(listStarts(query).map((start) => start.slice(0, 10)))).toEqual(new Set(['2026-11-24']));
    expect(whyNotBookable(query, at('2026-11-23T09:00Z'))).toBe('TIME_OFF');
  });
});

describe('Busy times', () => {
  const days: [string, string] = ['2026-11-23', '2026-11-23'];

  it('omits slots that overlap a busy time of the doctor, and lists adjacent ones', () => {
    const query = slotQuery({ days, busy: [busyFrom('2026-11-23T10:00Z', 30)] });
    const starts = ['09:00', '09:30', '10:30', '11:00', '11:30'];
    expect(listStarts(query)).toEqual(starts.map((time) => `2026-11-23T${time}Z`));
  });

  it('requires free buffers, which may be outside working hours', () => {
    const query = slotQuery({
      days,
      busy: [busyFrom('2026-11-23T10:00Z', 30)],
      terms: { bufferBeforeMinutes: 10, bufferAfterMinutes: 5 },
    });
    const starts = ['09:00', '11:00', '11:30'];
    expect(listStarts(query)).toEqual(starts.map((time) => `2026-11-23T${time}Z`));
  });

  it('accepts busy ranges in any order, overlapping or empty, and does not change their order', () => {
    const busy = [
      busyFrom('2026-11-23T11:00Z', 60),
      busyFrom('2026-11-23T08:00Z', 90),
      busyFrom('2026-11-23T08:30Z', 10),
      busyFrom('2026-11-23T10:15Z', 0),
    ];
    expect(listStarts(slotQuery({ days, busy }))).toEqual(
      ['09:30', '10:00', '10:30'].map((time) => `2026-11-23T${time}Z`),
    );
    expect(busy[0]).toEqual(busyFrom('2026-11-23T11:00Z', 60));
  });

  it('omits a slot whose buffer before the visit is busy', () => {
    const query = slotQuery({ days, busy: [busyFrom('2026-11-23T10:00Z', 25)], terms: { bufferBeforeMinutes: 6 } });
    expect(listStarts(query)).toEqual(['09:00', '09:30', '11:00', '11:30'].map((time) => `2026-11-23T${time}Z`));
    expect(listStarts({ ...query, terms: terms({ bufferBeforeMinutes: 5 }) })).toContain('2026-11-23T10:30Z');
  });

  it('requires a room that is free and open', () => {
    const rooms = [room('a', [busyFrom('2026-11-23T00:00Z', 600)]), room('b', [], daily('11:00-12:00'))];
    const query = slotQuery({ days, pools: [rooms] });
    expect(listStarts(query)).toEqual(['10:00', '10:30', '11:00', '11:30'].map((time) => `2026-11-23T${time}Z`));
    expect(listStarts({ ...query, pools: [[rooms[1] as Bookable]] })).toHaveLength(2);
    expect(listStarts({ ...query, pools: [[]] })).toEqual([]);
  });

  it('treats a room without hours as open, except for its closures', () => {
    const closed = { rules: [], exceptions: [exception('CLOSED', '2026-11-23', '2026-11-23', '09:00-11:00')] };
    const query = slotQuery({ days: ['2026-11-23', '2026-11-24'], pools: [[room('a', [], closed)]] });
    expect(listStarts(query)).toHaveLength(8);
  });

  it('requires two different rooms if a kind is required twice', () => {
    const rooms = [room('a', [busyFrom('2026-11-23T09:00Z', 60)]), room('b')];
    expect(listStarts(slotQuery({ days, pools: [rooms, rooms] }))[0]).toBe('2026-11-23T10:00Z');
  });
});

describe('Notice, horizon, window and limit', () => {
  it('lists slots from now plus the notice', () => {
    const query = slotQuery({ days: ['2026-11-23', '2026-11-23'], now: '2026-11-23T09:30Z' });
    expect(listStarts(query)[0]).toBe('2026-11-23T09:30Z');
    expect(listStarts({ ...query, terms: terms({ minimumNoticeMinutes: 31 }) })[0]).toBe('2026-11-23T10:30Z');
  });

  it('lists slots until the end of the last local day', () => {
    const query = slotQuery({
      zone: 'Pacific/Auckland',
      days: ['2026-11-20', '2026-11-30'],
      schedule: daily('23:00-23:30'),
      now: '2026-11-22T12:00Z',
      terms: { horizonDays: 1 },
    });
    // It is the 23rd in Auckland.
    expect(listStarts(query)).toEqual(['2026-11-23T10:00Z', '2026-11-24T10:00Z']);
    expect(whyNotBookable(query, at('2026-11-24T10:00Z'))).toBeNull();
    expect(whyNotBookable(query, at('2026-11-25T10:00Z'))).toBe('PAST_HORIZON');
  });

  it('stops after the requested number of slots', () => {
    const query = slotQuery({ days: ['2026-11-23', '2027-11-23'], schedule: daily('09:00-10:00') });
    expect(listSlots(query, 3)).toHaveLength(3);
    expect(listSlots(query, 3)).toEqual(listSlots(query).slice(0, 3));
    expect(listSlots(query, 0)).toEqual([]);
  });

  it('limits the starts of slots to the window', () => {
    const query = slotQuery({ days: ['2026-11-23', '2026-11-23'] });
    const window = { start: at('2026-11-23T09:30Z'), end: at('2026-11-23T10:30Z') };
    expect(listStarts({ ...query, window })).toEqual(['2026-11-23T09:30Z', '2026-11-23T10:00Z']);
    expect(listStarts({ ...query, window: { start: window.end, end: window.start } })).toEqual([]);
  });
});

describe('The reason why a start is not bookable', () => {
  const schedule = {
    ...daily('09:00-12:00'),
    exceptions: [exception('CLOSED', '2026-11-24', '2026-11-24', '09:00-10:00')],
  };
  const query = slotQuery({
    days: ['2026-11-23', '2026-11-30'],
    schedule,
    now: '2026-11-23T08:00Z',
    terms: { minimumNoticeMinutes: 90, horizonDays: 3 },
  });

  it.each([
    ['2026-11-23T10:00Z', null],
    ['2026-11-23T09:29Z', 'INSIDE_NOTICE'],
    ['2026-11-20T03:00Z', 'INSIDE_NOTICE'],
    ['2026-11-27T03:00Z', 'PAST_HORIZON'],
    ['2026-11-24T09:45Z', 'TIME_OFF'],
    ['2026-11-24T08:45Z', 'OUTSIDE_WORKING_HOURS'],
    ['2026-11-24T11:45Z', 'OUTSIDE_WORKING_HOURS'],
    ['2026-11-24T10:15Z', 'OFF_GRID'],
  ])('%s: %s', (start, reason) => {
    expect(whyNotBookable(query, at(start))).toBe(reason);
  });

  it('is OFF_GRID for an instant that is not a whole minute', () => {
    expect(whyNotBookable(query, at('2026-11-23T10:00Z') + 1)).toBe('OFF_GRID');
  });
});

describe('Free resources', () => {
  const visit = { start: at('2026-11-23T09:00Z'), end: at('2026-11-23T09:30Z') };
  const reserved = { start: visit.start - 10 * MINUTE, end: visit.end + 10 * MINUTE };
  const pick = (...pools: Bookable[][]): string[] | null => assignResources(pools, visit, reserved, Zone.of('UTC'));

  it('are empty if none is required', () => {
    expect(pick()).toEqual([]);
  });

  it('are the first that are free including buffers and open during the visit', () => {
    const rooms = [room('a', [busyFrom('2026-11-23T09:35Z', 5)]), room('b', [], daily('09:00-09:30')), room('c')];
    expect(pick(rooms)).toEqual(['b']);
  });

  it('change a first choice if another pool needs it', () => {
    const [a, b, c] = [room('a'), room('b'), room('c')];
    expect(pick([a, b], [a, c], [a])).toEqual(['b', 'c', 'a']);
    expect(pick([a, b], [a, b], [a, b])).toBeNull();
  });
});

describe('The nearest slots', () => {
  const slots = [0, 10, 20, 30, 40].map((start) => ({ start, end: start + 5 }));

  it('are sorted by distance, the earlier of two equally near first', () => {
    expect(nearestSlots(slots, 20, 3).map(({ start }) => start)).toEqual([20, 10, 30]);
    expect(nearestSlots(slots, 35, 9).map(({ start }) => start)).toEqual([30, 40, 20, 10, 0]);
  });

  it('are found in slots of any order; those with the same start stay in theirs', () => {
    expect(nearestSlots([...slots].reverse(), 20, 3).map(({ start }) => start)).toEqual([20, 10, 30]);
    const doctors = ['b', 'a', 'c'].map((doctorId) => ({ start: 10, end: 15, doctorId }));
    expect(nearestSlots(doctors, 20, 2).map(({ doctorId }) => doctorId)).toEqual(['b', 'a']);
  });

  it('are empty without slots', () => {
    expect(nearestSlots([], 20, 3)).toEqual([]);
    expect(nearestSlots(slots, 20, 0)).toEqual([]);
  });
});
