import { describe, expect, it } from '@jest/globals';
import { estimateWaits, type QueuedVisit } from './waiting-times.js';

const MINUTE = 60_000;
const NOW = Date.parse('2026-11-30T09:00:00Z');
const at = (minutes: number): number => NOW + minutes * MINUTE;

const visit = (id: string, fields: Partial<QueuedVisit> = {}): QueuedVisit => ({
  id,
  status: 'WAITING',
  appointmentId: `visit ${id}`,
  groupId: null,
  startAt: at(0),
  plannedMinutes: 30,
  startedAt: null,
  completedAt: null,
  wasMoved: false,
  ...fields,
});
const waits = (...parameters: Parameters<typeof estimateWaits>): object =>
  Object.fromEntries(estimateWaits(...parameters));

describe('estimated waiting times', () => {
  it('add up the planned durations while no visit of the day is completed', () => {
    expect(waits([visit('a'), visit('b'), visit('c')], [], NOW)).toEqual({ a: 0, b: 30, c: 60 });
  });

  it('follow the real durations of the day', () => {
    const done = visit('done', { status: 'DONE', startedAt: at(-60), completedAt: at(-15) });
    expect(waits([done, visit('a'), visit('b')], [], NOW)).toEqual({ a: 0, b: 45 });
  });

  it('ignore a pace that only a forgotten completion explains', () => {
    const forgotten = visit('done', { status: 'DONE', startedAt: at(-600), completedAt: at(-1) });
    expect(waits([forgotten, visit('a'), visit('b')], [], NOW)).toEqual({ a: 0, b: 120 });
  });

  it('include the time of those who are in the room or called', () => {
    const room = visit('room', { status: 'IN_ROOM', startedAt: at(-20) });
    expect(waits([room, visit('called', { status: 'CALLED' }), visit('a')], [], NOW)).toEqual({ a: 40 });
  });

  it('last until the planned start for patients who are early', () => {
    expect(waits([visit('a', { startAt: at(50) }), visit('b', { startAt: at(60) })], [], NOW)).toEqual({
      a: 50,
      b: 80,
    });
  });

  it('are the same for the patients of a group session', () => {
    const group = { groupId: 'group', startAt: at(10) };
    expect(waits([visit('a', group), visit('b', group), visit('c')], [], NOW)).toEqual({ a: 10, b: 10, c: 40 });
  });

  it('count a group session once, however many of its patients are called', () => {
    const group = { groupId: 'group', plannedMinutes: 60 };
    const called = ['a', 'b', 'c'].map((id) => visit(id, { ...group, status: 'CALLED' }));
    expect(waits([...called, visit('d', group), visit('e')], [], NOW)).toEqual({ d: 0, e: 60 });
  });

  it('are zero for patients who are late for a group session that has started', () => {
    const group = { groupId: 'group', plannedMinutes: 60 };
    const room = visit('a', { ...group, status: 'IN_ROOM', startedAt: at(-20) });
    expect(waits([room, visit('b', group), visit('c')], [], NOW)).toEqual({ b: 0, c: 40 });
  });

  it('last until the first gap that is long enough, for walk-ins without a time', () => {
    const walkIn = { appointmentId: null, startAt: null };
    const reserved = [
      { appointmentId: 'soon', start: at(20), end: at(50) },
      { appointmentId: 'later', start: at(90), end: at(120) },
    ];
    expect(waits([visit('a', walkIn), visit('b', walkIn)], reserved, NOW)).toEqual({ a: 50, b: 120 });
  });

  it('do not depend on a gap after a move', () => {
    const urgent = visit('a', { appointmentId: null, startAt: null, wasMoved: true });
    expect(waits([urgent, visit('b')], [{ appointmentId: 'soon', start: at(5), end: at(35) }], NOW)).toEqual({
      a: 0,
      b: 30,
    });
  });
});
