import { describe, expect, it } from '@jest/globals';
import { at, bookingRules, busyFrom, doctor, room } from '../../../test/support/booking-rules.js';
import { BusyTimes, type GroupSession } from './busy-times.js';
import { listFreeDoctors } from './free-doctors.js';
import type { Range } from './ranges.js';

const START = at('2026-11-23T10:00Z');
const resources = [doctor('c'), doctor('a'), doctor('b'), room('r')];
const ten = (time: string, minutes: number): Range => busyFrom(`2026-11-23T${time}Z`, minutes);

describe('the doctors who are free', () => {
  const list = (ranges: Record<string, Range[]>, fields = {}): string[] =>
    listFreeDoctors(bookingRules({ resources, ...fields }), {
      start: START,
      busy: new BusyTimes(new Map(Object.entries(ranges))),
      resourceIds: [],
    });

  it('are sorted by id if all have the same reserved time', () => {
    expect(list({})).toEqual(['a', 'b', 'c']);
  });

  it('have no busy time in the visit and its buffers', () => {
    expect(list({ 'a-time': [ten('10:29', 5)], 'b-time': [ten('09:00', 60)], 'c-time': [ten('10:30', 5)] })).toEqual([
      'c',
      'b',
    ]);
    expect(list({ 'a-time': [ten('10:30', 5)] }, { bufferAfterMinutes: 1 })).toEqual(['b', 'c']);
  });

  it('come in the order of their reserved time on the local day', () => {
    const ranges = { 'a-time': [ten('14:00', 20)], 'b-time': [ten('08:00', 10), ten('14:00', 5)] };
    expect(list(ranges)).toEqual(['c', 'b', 'a']);
    const yesterday = { 'a-time': [busyFrom('2026-11-22T23:55Z', 10)], 'b-time': [ten('08:00', 6)] };
    expect(list(yesterday)).toEqual(['c', 'a', 'b']);
    const tomorrow = { 'a-time': [busyFrom('2026-11-23T23:55Z', 60)], 'b-time': [ten('08:00', 6)] };
    expect(list(tomorrow)).toEqual(['c', 'a', 'b']);
  });

  it('have time that is reserved twice counted once, in any order', () => {
    const ranges = {
      'a-time': [ten('15:00', 10), ten('14:00', 20), ten('14:00', 20), ten('14:05', 5), ten('14:10', 20)],
      'b-time': [ten('14:00', 39)],
      'c-time': [ten('14:00', 41)],
    };
    expect(list(ranges)).toEqual(['b', 'a', 'c']);
  });
});

describe('the doctors of a group session', () => {
  const list = (sessions: Partial<GroupSession>[], resourceIds: string[] = [], ranges = {}): string[] =>
    listFreeDoctors(bookingRules({ resources, capacity: 3 }), {
      start: START,
      busy: new BusyTimes(
        new Map(Object.entries<Range[]>(ranges)),
        sessions.map((session) => ({ doctorId: 'a', start: START, taken: 1, resourceIds: [], ...session })),
      ),
      resourceIds,
    });
  const taken = { 'b-time': [ten('10:00', 30)], 'c-time': [ten('10:00', 30)] };

  it('come before those without one, the fullest session first', () => {
    expect(list([{ doctorId: 'b' }, { doctorId: 'c', taken: 2 }], [], taken)).toEqual(['c', 'b', 'a']);
  });

  it('do not include those of a full session', () => {
    expect(list([{ doctorId: 'b', taken: 3 }], [], taken)).toEqual(['a']);
  });

  it('are those of sessions at that start', () => {
    expect(list([{ doctorId: 'b', start: START + 1 }], [], taken)).toEqual(['a']);
  });

  it('are those whose session has the requested rooms', () => {
    const sessions = [
      { doctorId: 'b', resourceIds: ['r', 's'] },
      { doctorId: 'c', resourceIds: ['s'] },
    ];
    expect(list(sessions, ['r'], taken)).toEqual(['b', 'a']);
    expect(list(sessions, ['r', 's'], taken)).toEqual(['b', 'a']);
    expect(list(sessions, ['s'], taken)).toEqual(['b', 'c', 'a']);
  });
});
