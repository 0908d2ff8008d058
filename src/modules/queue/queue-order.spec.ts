import { describe, expect, it } from '@jest/globals';
import { comparePlaces, placeBefore, type Place } from './queue-order.js';

const MINUTE = 60_000;
const NINE = Date.parse('2026-11-30T09:00:00Z');
const at = (minutes: number): number => NINE + minutes * MINUTE;

let number = 0;
const place = (startAt: number | null, arrivedAt: number): Place => ({
  ...{ number: (number += 1), startAt, arrivedAt, sortAt: null, sortTie: null },
});
const inOrder = (places: Place[]): number[] => [...places].sort(comparePlaces).map((one) => one.number - first);
let first = 0;
const reset = (): void => void (first = number + 1);

describe('the order of waiting patients', () => {
  it('is the planned time for patients who are early or on time', () => {
    reset();
    expect(inOrder([place(at(30), at(-60)), place(at(0), at(-5)), place(at(15), at(20))])).toEqual([1, 2, 0]);
  });

  it('is the arrival for patients who are more than ten minutes late', () => {
    reset();
    expect(inOrder([place(at(0), at(25)), place(at(15), at(10)), place(at(30), at(20))])).toEqual([1, 0, 2]);
  });

  it('is the arrival for walk-ins without a time, and the number at the same time', () => {
    reset();
    expect(inOrder([place(null, at(10)), place(at(0), at(0)), place(at(10), at(0)), place(at(10), at(-9))])).toEqual([
      1, 0, 2, 3,
    ]);
  });
});

describe('a move', () => {
  const move = (places: Place[], moved: Place, before: Place | null): Place => {
    const others = places.filter((one) => one !== moved).sort(comparePlaces);
    return { ...moved, ...placeBefore(others, before, moved) };
  };

  it('places a patient directly before another one, also between patients of the same time', () => {
    reset();
    const [a, b, c] = [place(at(0), at(0)), place(at(0), at(0)), place(at(60), at(0))];
    expect(inOrder([a, b, move([a, b, c], c, b)])).toEqual([0, 2, 1]);
    expect(inOrder([a, b, move([a, b, c], c, a)])).toEqual([2, 0, 1]);
  });

  it('places a patient after all others', () => {
    reset();
    const [a, b, c] = [place(at(0), at(0)), place(at(30), at(0)), place(at(60), at(0))];
    expect(inOrder([b, c, move([a, b, c], a, null)])).toEqual([1, 2, 0]);
  });

  it('can be repeated at the same place, the last one first', () => {
    reset();
    const anchor = place(at(0), at(0));
    const places = [anchor];
    for (let n = 0; n < 40; n += 1) {
      const late = place(at(60 + n), at(0));
      places.push(move([...places, late], late, anchor));
    }
    expect(inOrder(places)).toEqual([...Array.from({ length: 40 }, (_, n) => n + 1), 0]);
  });
});
