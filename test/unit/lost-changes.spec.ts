import { expect, it } from '@jest/globals';
import { findLost, type KnownVisit, type VisitState } from '../replication/visits.js';

const BOOKED = { start: 1 };
const MOVED = { start: 2 };

/** A visit whose states were acknowledged at 0, 1, 2 … */
const known = (states: VisitState[], pending?: VisitState): KnownVisit => ({
  id: 'a',
  states: states.map((state, at) => ({ state, at })),
  pending,
});

/** The times of the lost changes. */
const lost = (visit: KnownVisit, stored: VisitState | undefined): number[] =>
  findLost([visit], stored === undefined ? [] : [{ id: 'a', state: stored }]).map(({ at }) => at);

it('finds the acknowledged changes after the state that is stored', () => {
  expect(lost(known([BOOKED, MOVED, null]), null)).toEqual([]);
  expect(lost(known([BOOKED, MOVED, null]), MOVED)).toEqual([2]);
  expect(lost(known([BOOKED, MOVED, null]), BOOKED)).toEqual([1, 2]);
  expect(lost(known([BOOKED, MOVED, null]), undefined)).toEqual([0, 1, 2]);
  expect(lost(known([BOOKED, MOVED]), { start: 3 })).toEqual([0, 1]);
});

it('takes the newest state if a visit returned to an earlier time', () => {
  expect(lost(known([BOOKED, MOVED, BOOKED]), BOOKED)).toEqual([]);
});

it('lets a change without an answer be stored or not', () => {
  expect(lost(known([BOOKED], null), null)).toEqual([]);
  expect(lost(known([BOOKED], null), BOOKED)).toEqual([]);
  expect(lost(known([BOOKED, MOVED], null), BOOKED)).toEqual([1]);
});
