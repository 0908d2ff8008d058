import { describe, expect, it } from '@jest/globals';
import { comparePlaces, placeBefore, type Place } from './queue-order.js';

const MINUTE = 60_000;
const NINE = Date.parse('2026-11-30T09:00:00Z');
const at = (minutes: number): number => NINE + minutes * MINUTE;
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** Places of `[startAt, arrivedAt]`, numbered from 0. */
const toPlaces = (...times: [number | null, number][]): Place[] =>
  times.map(([startAt, arrivedAt], number) => ({ number, startAt, arrivedAt, sortAt: null, sortTie: null }));
const inOrder = (places: Place[]): number[] => [...places].sort(comparePlaces).map(({ number }) => number);

describe('the order of waiting patients', () => {
  it('is the planned time for patients who are early or on time', () => {
    expect(inOrder(toPlaces([at(30), at(-60)], [at(0), at(-5)], [at(15), at(20)]))).toEqual([1, 2, 0]);
  });

  it('is the arrival for patients who are more than ten minutes late', () => {
    expect(inOrder(toPlaces([at(0), at(25)], [at(15), at(10)], [at(30), at(20)]))).toEqual([1, 0, 2]);
  });

  it('is the arrival for walk-ins without a time, and the number at the same time', () => {
    expect(inOrder(toPlaces([null, at(10)], [at(0), at(0)], [at(10), at(0)], [at(10), at(-9)]))).toEqual([1, 0, 2, 3]);
  });
});

describe('a move', () => {
  const move = (places: Place[], moved: Place, before: Place | null): Place => {
    const others = places.filter((one) => one !== moved).sort(comparePlaces);
    return { ...moved, ...placeBefore(others, before, moved) };
  };

  it('places a patient directly before another one, also between patients of the same time', () => {
    const [a, b, c] = toPlaces([at(0), at(0)], [at(0), at(0)], [at(60), at(0)]) as [Place, Place, Place];
    expect(inOrder([a, b, move([a, b, c], c, b)])).toEqual([0, 2, 1]);
    expect(inOrder([a, b, move([a, b, c], c, a)])).toEqual([2, 0, 1]);
  });

  it('places a patient after all others', () => {
    const [a, b, c] = toPlaces([at(0), at(0)], [at(30), at(0)], [at(60), at(0)]) as [Place, Place, Place];
    expect(inOrder([b, c, move([a, b, c], a, null)])).toEqual([1, 2, 0]);
  });

  it('can be repeated at the same place, the last one first', () => {
    const [anchor, ...others] = toPlaces([at(0), at(0)], ...upTo(40).map((n): [number, number] => [at(60 + n), at(0)]));
    const places = [anchor as Place];
    for (const late of others) places.push(move([...places, late], late, anchor as Place));
    expect(inOrder(places)).toEqual([...upTo(40), 0]);
  });
});
