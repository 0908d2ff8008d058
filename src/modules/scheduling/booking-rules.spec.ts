import { describe, expect, it } from '@jest/globals';
import { at, bookingRules, busyFrom, daily, doctor, room } from '../../../test/support/booking-rules.js';
import type { BookingRules, FreeSlotsQuery } from './booking-rules.js';
import type { BookableDoctor, BookingRulesRow } from './booking-rules-row.js';
import { BusyTimes, type GroupSession } from './busy-times.js';
import type { Range } from './ranges.js';

const DAY: Range = { start: at('2026-11-23T00:00Z'), end: at('2026-11-24T00:00Z') };
const NOW = at('2026-11-20T00:00Z');

const busy = (ranges: Record<string, Range[]> = {}, sessions: GroupSession[] = []): BusyTimes =>
  new BusyTimes(new Map(Object.entries(ranges)), sessions);

/** The free slots of 23 November, such as 'a 09:00'. */
const free = (rules: BookingRules, query: Partial<FreeSlotsQuery> = {}): string[] =>
  rules
    .freeSlots({ window: DAY, busy: busy(), now: NOW, ...query })
    .map(({ doctorId, start }) => `${doctorId} ${new Date(start).toISOString().slice(11, 16)}`);

const onDay = (time: string): number => at(`2026-11-23T${time}Z`);

describe('the rules of a service', () => {
  const rules = bookingRules({
    requiredResourceKinds: ['ROOM'],
    resources: [doctor('a'), room('r'), doctor('b')],
  });

  it('know their doctors, and whose resources may be reserved', () => {
    expect(rules.doctors.map(({ doctorId }) => doctorId)).toEqual(['a', 'b']);
    expect(rules.doctor('b')?.id).toBe('b-time');
    expect(rules.doctor('r')).toBeNull();
    expect(rules.resourceIds(null)).toEqual(['a-time', 'r', 'b-time']);
    expect(rules.resourceIds(['b'])).toEqual(['r', 'b-time']);
    expect(rules.resourceIds([])).toEqual(['r']);
  });

  it('need rooms or equipment if they name kinds', () => {
    expect(rules.needsResources).toBe(true);
    expect(bookingRules().needsResources).toBe(false);
  });

  it('count the visits of all services of the clinic for a limit, unless the service has its own', () => {
    const own = bookingRules({ overrides: { maxPerDayPerClient: 0, noShowLimit: 3 } });
    expect(own.getCountedServiceId('maxPerDayPerClient')).toBe('service');
    expect(own.getCountedServiceId('noShowLimit')).toBe('service');
    expect(own.getCountedServiceId('maxUpcomingPerClient')).toBeNull();
  });

  it('price a visit by doctor and kind of visit, with the tax', () => {
    const priced = bookingRules({ prices: [['b', 'FIRST', 70_000]] });
    expect(priced.price('b', 'FIRST')).toEqual({ amount: 70_000, currency: 'INR', taxBasisPoints: 1_800 });
    expect(priced.price('b', 'FOLLOW_UP').amount).toBe(50_000);
    expect(priced.price('a', 'FIRST').amount).toBe(50_000);
    expect(priced.hasVisitPrices).toBe(true);
    expect(bookingRules({ prices: [['b', 'ANY', 70_000]] }).hasVisitPrices).toBe(false);
  });

  it('reserve the visit with its buffers', () => {
    const padded = bookingRules({ bufferBeforeMinutes: 10, bufferAfterMinutes: 5 });
    expect(padded.visit(onDay('09:00'))).toEqual({ start: onDay('09:00'), end: onDay('09:30') });
    expect(padded.reserved(onDay('09:00'))).toEqual({ start: onDay('08:50'), end: onDay('09:35') });
    expect(padded.withDuration(60).reserved(onDay('09:00'))).toEqual({ start: onDay('08:50'), end: onDay('10:05') });
  });

  it.each([
    ['America/New_York', '2026-03-08T12:00Z', '2026-03-08T05:00Z', '2026-03-09T04:00Z'],
    ['America/New_York', '2026-11-01T12:00Z', '2026-11-01T04:00Z', '2026-11-02T05:00Z'],
    ['Africa/Cairo', '2026-04-23T22:00Z', '2026-04-23T22:00Z', '2026-04-24T21:00Z'],
    ['Asia/Kolkata', '2026-11-23T18:29Z', '2026-11-22T18:30Z', '2026-11-23T18:30Z'],
    ['Asia/Kolkata', '2026-11-23T18:30Z', '2026-11-23T18:30Z', '2026-11-24T18:30Z'],
  ])('count days by the wall clock of %s: %s', (timeZone, instant, start, end) => {
    expect(bookingRules({ timeZone }).localDay(at(instant))).toEqual({ start: at(start), end: at(end) });
  });
});

describe('the id of a group session', () => {
  const group = (fields: Partial<BookingRulesRow> = {}): BookingRules => bookingRules({ capacity: 2, ...fields });

  it('is null for one patient at a time', () => {
    expect(bookingRules({ capacity: 1 }).isGroup).toBe(false);
    expect(bookingRules({ capacity: 1 }).groupId('a', 0)).toBeNull();
    expect(group().isGroup).toBe(true);
  });

  it('never changes: stored seats have it', () => {
    expect(group().groupId('a', onDay('09:00'))).toBe('0682815a-b8b2-53aa-9ef1-18d36927f117');
  });

  it('differs by service, doctor and start', () => {
    const ids = [
      group().groupId('a', 0),
      group().groupId('b', 0),
      group().groupId('a', 1),
      group({ serviceId: 'other' }).groupId('a', 0),
    ];
    expect(new Set(ids).size).toBe(4);
  });
});

describe('a start', () => {
  const closed = { kind: 'CLOSED' as const, from: '2026-11-24', to: '2026-11-24' };
  const rules = bookingRules({
    minimumNoticeMinutes: 60,
    horizonDays: 2,
    resources: [doctor('a', daily('09:00-12:00', closed))],
  });
  const why = (checked: BookingRules, start: string, now = '2026-11-23T09:00Z'): string | null =>
    checked.whyNotBookable(checked.doctor('a') as BookableDoctor, at(start), at(now));

  it.each([
    ['2026-11-23T09:59Z', 'INSIDE_NOTICE'],
    ['2026-11-23T10:00Z', null],
    ['2026-11-23T10:15Z', 'OFF_GRID'],
    ['2026-11-23T11:30Z', null],
    ['2026-11-23T12:00Z', 'OUTSIDE_WORKING_HOURS'],
    ['2026-11-24T09:00Z', 'TIME_OFF'],
    ['2026-11-25T11:30Z', null],
    ['2026-11-26T09:00Z', 'PAST_HORIZON'],
  ])('at %s: %s', (start, reason) => {
    expect(why(rules, start)).toBe(reason);
  });

  it('is bookable up to the end of the last local day, which began earlier in the east', () => {
    const auckland = bookingRules({ timeZone: 'Pacific/Auckland', horizonDays: 1 });
    // 23 November 22:00 UTC is 11:00 of the 24th in Auckland.
    expect(why(auckland, '2026-11-24T22:00Z', '2026-11-23T10:00Z')).toBe('PAST_HORIZON');
    expect(why(auckland, '2026-11-24T22:00Z', '2026-11-23T11:00Z')).toBeNull();
  });

  it('has the notice and horizon of the front desk for the front desk, or those of patients', () => {
    const own = bookingRules({ ...rules.row, deskMinimumNoticeMinutes: 0, deskHorizonDays: 3 });
    expect(why(own.forDesk, '2026-11-23T09:00Z')).toBeNull();
    expect(why(own.forDesk, '2026-11-26T09:00Z')).toBeNull();
    expect(why(own.forDesk, '2026-11-27T09:00Z')).toBe('PAST_HORIZON');
    expect(why(own, '2026-11-23T09:00Z')).toBe('INSIDE_NOTICE');
    expect(why(rules.forDesk, '2026-11-23T09:30Z')).toBe('INSIDE_NOTICE');
    expect(why(rules.forDesk, '2026-11-26T09:00Z')).toBe('PAST_HORIZON');
    expect(own.forDesk).toBe(own.forDesk);
  });

  it('has neither notice nor horizon with an override', () => {
    expect(why(rules.withOverride(), '2026-11-23T09:00Z')).toBeNull();
    expect(why(rules.withOverride(), '2026-12-24T09:00Z')).toBeNull();
    expect(why(rules.withOverride(), '2026-11-24T09:00Z')).toBe('TIME_OFF');
  });
});

describe('free slots', () => {
  const rules = bookingRules({
    slotStepMinutes: 60,
    durationMinutes: 60,
    resources: [doctor('b', daily('09:00-11:00')), doctor('a', daily('09:00-11:00'))],
  });

  it('are sorted by start, then doctor', () => {
    expect(free(rules)).toEqual(['a 09:00', 'b 09:00', 'a 10:00', 'b 10:00']);
    expect(rules.freeSlots({ window: DAY, busy: busy(), now: NOW })[0]).toEqual({
      start: onDay('09:00'),
      end: onDay('10:00'),
      doctorId: 'a',
    });
  });

  it('are sorted by doctor in whatever order the doctors are read', () => {
    const starts = ['b', 'd', 'a', 'c'].map((id) => doctor(id, daily('09:00-10:00')));
    expect(free(bookingRules({ ...rules.row, resources: starts }))).toEqual([
      'a 09:00',
      'b 09:00',
      'c 09:00',
      'd 09:00',
    ]);
  });

  it('are those of one doctor, if one is given', () => {
    expect(free(rules, { doctorId: 'a' })).toEqual(['a 09:00', 'a 10:00']);
    expect(free(rules, { doctorId: 'c' })).toEqual([]);
    expect(free(rules, { doctorId: null })).toHaveLength(4);
  });

  it('omit the busy times of the doctor', () => {
    expect(free(rules, { busy: busy({ 'a-time': [busyFrom('2026-11-23T09:30Z', 5)] }) })).toEqual([
      'b 09:00',
      'a 10:00',
      'b 10:00',
    ]);
  });

  it.each([
    [0, 1],
    [2, 3],
    [3, 4],
    [4, 4],
  ])('with the limit %d are at most one more: %d', (limit, count) => {
    expect(free(rules, { limit })).toHaveLength(count);
  });

  it('are at most the requested number for each doctor, earliest first', () => {
    expect(free(rules, { perDoctor: 1 })).toEqual(['a 09:00', 'b 09:00']);
  });

  it('are those that the patient may book', () => {
    expect(free(rules, { accepts: (start) => start > onDay('09:00') })).toEqual(['a 10:00', 'b 10:00']);
  });

  it('need a free resource of each kind, or the requested one', () => {
    const withRooms = bookingRules({
      ...rules.row,
      requiredResourceKinds: ['ROOM'],
      resources: [doctor('a', daily('09:00-11:00')), room('r'), room('s'), room('x-ray', 'DEVICE')],
    });
    const busyRoom = { r: [busyFrom('2026-11-23T09:00Z', 60)] };
    expect(free(withRooms, { busy: busy(busyRoom) })).toEqual(['a 09:00', 'a 10:00']);
    expect(free(withRooms, { busy: busy(busyRoom), resourceIds: ['r'] })).toEqual(['a 10:00']);
    expect(free(withRooms, { busy: busy({ ...busyRoom, s: [busyFrom('2026-11-23T09:00Z', 60)] }) })).toEqual([
      'a 10:00',
    ]);
  });
});

describe('the free slots of a group service', () => {
  const rules = bookingRules({
    capacity: 3,
    resources: [doctor('a', daily('09:00-10:30'))],
  });
  const session = (fields: Partial<GroupSession> = {}): GroupSession => ({
    ...{ doctorId: 'a', start: onDay('09:30'), taken: 1, resourceIds: [] },
    ...fields,
  });
  const taken = { 'a-time': [busyFrom('2026-11-23T09:30Z', 30)] };
  const withSession = (fields: Partial<GroupSession> = {}, query: Partial<FreeSlotsQuery> = {}): string[] =>
    free(rules, { busy: busy(taken, [session(fields)]), ...query });

  it('include a session with a free seat, in the order of time', () => {
    expect(withSession({ taken: 2 })).toEqual(['a 09:00', 'a 09:30', 'a 10:00']);
    const query = { window: DAY, now: NOW, busy: busy(taken, [session()]) };
    expect(rules.freeSlots(query)[1]).toEqual({ start: onDay('09:30'), end: onDay('10:00'), doctorId: 'a' });
    expect(withSession({}, { perDoctor: 2 })).toEqual(['a 09:00', 'a 09:30']);
  });

  it.each<[string, Partial<GroupSession>, Partial<FreeSlotsQuery>]>([
    ['that is full', { taken: 3 }, {}],
    ['of another doctor', { doctorId: 'b' }, {}],
    ['in other rooms than the requested one', { resourceIds: ['s'] }, { resourceIds: ['r'] }],
    ['that the patient may not book', {}, { accepts: (start) => start !== onDay('09:30') }],
  ])('omit a session %s', (_, fields, query) => {
    expect(withSession(fields, query)).not.toContain('a 09:30');
  });

  it('include a session in the requested room', () => {
    expect(withSession({ resourceIds: ['s', 'r'] }, { resourceIds: ['r'] })).toContain('a 09:30');
  });

  it('include a session at the start of the window, not one at its end or before it', () => {
    const window = (start: string, end: string): Partial<FreeSlotsQuery> => ({
      window: { start: onDay(start), end: onDay(end) },
    });
    expect(withSession({}, window('09:30', '09:31'))).toEqual(['a 09:30']);
    expect(withSession({}, window('09:00', '09:30'))).toEqual(['a 09:00']);
    expect(withSession({}, window('09:31', '10:30'))).toEqual(['a 10:00']);
  });

  it('omit a session inside the notice', () => {
    expect(withSession({}, { now: onDay('09:30') })).toContain('a 09:30');
    expect(withSession({}, { now: onDay('09:31') })).toEqual(['a 10:00']);
  });

  it.each([
    ['only by the session itself', 'a-time', '09:30', 30, true],
    ['directly after it', 'a-time', '10:15', 15, true],
    ['within its new duration', 'a-time', '10:14', 15, false],
    ['of its room within its new duration', 'r', '10:14', 15, false],
    ['directly before it', 'a-time', '09:15', 15, true],
    ['from before until after its start', 'a-time', '09:20', 30, true],
  ])('check a session of a service that became longer: busy %s', (_, resource, from, minutes, isFree) => {
    const longer = bookingRules({ ...rules.row, durationMinutes: 45 });
    const ranges: Record<string, Range[]> = { 'a-time': [...taken['a-time']] };
    ranges[resource] = [...(ranges[resource] ?? []), busyFrom(`2026-11-23T${from}Z`, minutes)];
    const slots = free(longer, { busy: busy(ranges, [session({ resourceIds: ['r'] })]) });
    expect(slots.includes('a 09:30')).toBe(isFree);
  });
});

describe('a session whose service got a buffer before the visit', () => {
  const rules = bookingRules({ capacity: 3, bufferBeforeMinutes: 10 });
  const sessions = [{ doctorId: 'a', start: onDay('09:30'), taken: 1, resourceIds: [] }];

  it.each([
    ['09:00', 20, true],
    ['09:00', 21, false],
    ['09:00', 30, false],
  ])('is checked against a visit at %s of %d minutes: %s', (start, minutes, isFree) => {
    const ranges = { 'a-time': [busyFrom(`2026-11-23T${start}Z`, minutes), busyFrom('2026-11-23T09:30Z', 30)] };
    expect(free(rules, { busy: busy(ranges, sessions) }).includes('a 09:30')).toBe(isFree);
  });
});

describe('the reason for an empty list', () => {
  const rules = bookingRules({ minimumNoticeMinutes: 60, horizonDays: 2 });
  const why = (start: string, end: string, now: string, checked = rules, doctorId?: string): string =>
    checked.whyNoSlots({ window: { start: at(start), end: at(end) }, now: at(now), doctorId });

  it.each([
    ['2026-11-23T09:00Z', '2026-11-23T12:00Z', '2026-11-23T08:00Z', 'FULL'],
    ['2026-11-23T11:30Z', '2026-11-23T12:00Z', '2026-11-23T10:30Z', 'FULL'],
    ['2026-11-23T11:30Z', '2026-11-23T12:00Z', '2026-11-23T10:31Z', 'NOTICE'],
    ['2026-11-23T12:00Z', '2026-11-24T09:00Z', '2026-11-23T08:00Z', 'CLOSED'],
    ['2026-11-25T09:00Z', '2026-11-26T12:00Z', '2026-11-23T08:00Z', 'FULL'],
    ['2026-11-25T12:00Z', '2026-11-26T12:00Z', '2026-11-23T08:00Z', 'HORIZON'],
    ['2026-11-26T09:00Z', '2026-11-26T12:00Z', '2026-11-23T08:00Z', 'HORIZON'],
    ['2026-11-26T09:00Z', '2026-11-26T12:00Z', '2026-11-24T08:00Z', 'FULL'],
    // The past has neither too little notice nor too much.
    ['2026-11-20T09:00Z', '2026-11-20T12:00Z', '2026-11-23T08:00Z', 'NOTICE'],
  ])('from %s to %s at %s: %s', (start, end, now, reason) => {
    expect(why(start, end, now)).toBe(reason);
  });

  it('is the notice on the last days of the horizon, if the notice is longer', () => {
    const late = bookingRules({ minimumNoticeMinutes: 3 * 1_440, horizonDays: 2 });
    expect(why('2026-11-25T09:00Z', '2026-11-25T12:00Z', '2026-11-23T08:00Z', late)).toBe('NOTICE');
    expect(why('2026-11-25T09:00Z', '2026-11-26T12:00Z', '2026-11-23T08:00Z', late)).toBe('HORIZON');
  });

  it('is that of the doctor or room that was asked for', () => {
    const two = bookingRules({
      requiredResourceKinds: ['ROOM'],
      resources: [doctor('a'), doctor('b', daily('14:00-15:00')), room('r'), room('s', 'ROOM', daily('14:00-15:00'))],
    });
    const [start, end, now] = ['2026-11-23T09:00Z', '2026-11-23T12:00Z', '2026-11-20T09:00Z'] as const;
    expect(why(start, end, now, two, 'a')).toBe('FULL');
    expect(why(start, end, now, two, 'b')).toBe('CLOSED');
    const query = { window: { start: at(start), end: at(end) }, now: at(now) };
    expect(two.whyNoSlots({ ...query, resourceIds: ['s'] })).toBe('CLOSED');
    expect(two.whyNoSlots({ ...query, resourceIds: ['r'] })).toBe('FULL');
  });
});

describe('rooms and equipment', () => {
  const rules = bookingRules({
    bufferBeforeMinutes: 10,
    bufferAfterMinutes: 10,
    requiredResourceKinds: ['ROOM', 'DEVICE', 'ROOM'],
    resources: [
      ...[doctor('a'), room('r', 'ROOM', daily('09:00-10:00')), room('s'), room('t'), room('d', 'DEVICE')],
      room('n', 'NURSE'),
    ],
  });

  it.each<[string[], boolean]>([
    [[], true],
    [['r'], true],
    [['s', 'd', 'r'], true],
    [['r', 's', 't'], false],
    [['r', 'r', 'r'], false],
    [['n'], false],
    [['a-time'], false],
    [['unknown'], false],
  ])('requested as %j fit the service: %s', (ids, fits) => {
    expect(rules.fitsRequirements(ids)).toBe(fits);
  });

  it('may not be the own resource of a doctor, even of a kind that is needed', () => {
    const odd = bookingRules({ requiredResourceKinds: ['DOCTOR'] });
    expect(odd.fitsRequirements(['a-time'])).toBe(false);
    expect(odd.pickResources(onDay('09:00'), [], busy())).toBeNull();
  });

  it('are not needed by every service', () => {
    expect(bookingRules({ resources: [doctor('a'), room('r')] }).pickResources(onDay('09:00'), [], busy())).toEqual([]);
  });

  /** The picked resources, sorted by id. */
  const pick = (
    time: string,
    requested: string[] = [],
    ranges: Record<string, Range[]> = {},
    hours?: 'OPEN' | 'ANY',
  ): string[] | undefined => rules.pickResources(onDay(time), requested, busy(ranges), hours)?.sort();

  it.each<[string, string, string[], Record<string, Range[]>, string[] | undefined]>([
    ['the first of each kind', '09:00', [], {}, ['d', 'r', 's']],
    ['those that are open', '10:00', [], {}, ['d', 's', 't']],
    ['the requested ones', '10:00', ['t'], {}, ['d', 's', 't']],
    ['a requested device', '09:00', ['d'], {}, ['d', 'r', 's']],
    ['no requested one that is closed', '10:00', ['r'], {}, undefined],
    ['those that are free', '09:00', [], { r: [busyFrom('2026-11-23T09:10Z', 5)] }, ['d', 's', 't']],
    ['those with free buffers', '09:00', [], { r: [busyFrom('2026-11-23T09:39Z', 5)] }, ['d', 's', 't']],
    ['those with adjacent visits', '09:00', [], { r: [busyFrom('2026-11-23T09:40Z', 5)] }, ['d', 'r', 's']],
    ['none without a device', '09:00', [], { d: [busyFrom('2026-11-23T09:00Z', 5)] }, undefined],
  ])('are picked: %s', (_, time, requested, ranges, picked) => {
    expect(pick(time, requested, ranges)).toEqual(picked);
  });

  it('include the requested one, although another comes first', () => {
    const one = bookingRules({ requiredResourceKinds: ['ROOM'], resources: [doctor('a'), room('r'), room('s')] });
    expect(one.pickResources(onDay('09:00'), [], busy())).toEqual(['r']);
    expect(one.pickResources(onDay('09:00'), ['s'], busy())).toEqual(['s']);
  });

  it('are picked outside their opening hours if the front desk overrides these', () => {
    expect(pick('10:00', ['r'], {}, 'ANY')).toEqual(['d', 'r', 's']);
    expect(pick('10:00', [], {}, 'ANY')).toEqual(['d', 'r', 's']);
    expect(pick('10:00', ['r'], { r: [busyFrom('2026-11-23T10:00Z', 5)] }, 'ANY')).toBeUndefined();
  });
});
