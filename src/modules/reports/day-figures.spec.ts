import { describe, expect, it } from '@jest/globals';
import { toFigures, toUtilisationPercent, type DayFacts, type DayVisit } from './day-figures.js';

const at = (time: string): number => Date.parse(`2026-11-23T${time}:00Z`);
const range = (start: string, end: string) => ({ start: at(start), end: at(end) });
const aVisit = (start: string, end: string, fields: Partial<DayVisit> = {}): DayVisit => ({
  doctorId: 'a',
  ...range(start, end),
  status: 'COMPLETED',
  checkedInAt: null,
  startedAt: null,
  priceMinor: 0,
  currency: 'EUR',
  cancelledBy: null,
  ...fields,
});
const figures = (facts: Partial<DayFacts>) =>
  toFigures({
    range: { start: at('00:00'), end: at('00:00') + 86_400_000 },
    ...{ hours: [], visits: [], ledger: [], created: 0, walkIns: 0 },
    ...facts,
  });

describe('the time of a doctor', () => {
  it('counts visits at the same time once, and cancelled ones not', () => {
    const { doctors } = figures({
      hours: [
        { doctorId: 'a', hours: [range('09:00', '12:00'), range('13:00', '15:00')] },
        { doctorId: 'b', hours: [] },
      ],
      visits: [
        aVisit('09:00', '10:00'),
        aVisit('09:00', '10:00', { status: 'NO_SHOW' }),
        aVisit('09:30', '10:30'),
        aVisit('13:00', '14:00', { status: 'CANCELLED' }),
        aVisit('20:00', '20:30', { doctorId: 'c' }),
      ],
    });
    expect(doctors).toEqual([
      { doctorId: 'a', bookedMinutes: 90, availableMinutes: 300 },
      { doctorId: 'c', bookedMinutes: 30, availableMinutes: 0 },
    ]);
    expect(doctors.map(toUtilisationPercent)).toEqual([30, null]);
  });

  it('has only the part of a visit that lies within the day, and the visit counts on the day of its start', () => {
    const before = aVisit('00:00', '00:20');
    before.start -= 40 * 60_000;
    const after = aVisit('23:30', '23:59');
    after.end += 31 * 60_000;
    const { doctors, visits } = figures({ visits: [before, after] });
    expect(doctors).toEqual([{ doctorId: 'a', bookedMinutes: 50, availableMinutes: 0 }]);
    expect(visits.planned).toBe(1);
  });
});

describe('the waiting time', () => {
  const waits = (...minutes: number[]): DayVisit[] =>
    minutes.map((wait) =>
      aVisit('09:00', '09:30', { checkedInAt: at('09:00'), startedAt: at('09:00') + wait * 60_000 }),
    );

  it.each([
    [[], null, null],
    [[7], 7, 7],
    [[30, 1, 10], 10, 30],
    [[4, 1, 20, 9], 7, 20],
    // Started before the check-in was entered.
    [[-5], 0, 0],
  ])('of %j minutes has the median %j and the longest %j', (minutes, medianMinutes, longestMinutes) => {
    const { waiting } = figures({ visits: [...waits(...minutes), aVisit('10:00', '10:30')] });
    expect(waiting).toEqual({ visits: minutes.length, medianMinutes, longestMinutes });
  });
});

it('the revenue is the prices of completed visits and what the ledger booked, by currency', () => {
  const { revenue } = figures({
    visits: [
      aVisit('09:00', '09:30', { priceMinor: 5_000 }),
      aVisit('10:00', '10:30', { priceMinor: 2_500 }),
      aVisit('11:00', '11:30', { priceMinor: 9_900, status: 'NO_SHOW' }),
      aVisit('12:00', '12:30', { priceMinor: 700, currency: 'USD' }),
    ],
    ledger: [{ currency: 'INR', capturedMinor: 100, refundedMinor: 30 }],
  });
  expect(revenue).toEqual([
    { currency: 'EUR', capturedMinor: 0, refundedMinor: 0, completedMinor: 7_500 },
    { currency: 'INR', capturedMinor: 100, refundedMinor: 30, completedMinor: 0 },
    { currency: 'USD', capturedMinor: 0, refundedMinor: 0, completedMinor: 700 },
  ]);
});

it('a cancelled visit is counted by who cancelled it, as far as this is known', () => {
  const cancelled = (cancelledBy: string | null): DayVisit =>
    aVisit('09:00', '09:30', { status: 'CANCELLED', cancelledBy });
  const { visits } = figures({
    visits: [...['CLIENT', 'STAFF', 'API_KEY', null].map(cancelled), aVisit('10:00', '10:30', { status: 'CONFIRMED' })],
  });
  expect(visits).toMatchObject({ planned: 5, cancelled: 4, cancelledByPatient: 1, cancelledByClinic: 2, open: 1 });
});
