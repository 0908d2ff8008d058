import { describe, expect, it } from '@jest/globals';
import { addMonths, toReminderDay, toReviewWindow, toWindow } from './referral-window.js';

const TODAY = '2026-11-30';

describe('the window of a referral', () => {
  it('begins today if no first day is given', () => {
    expect(toWindow({ validTo: '2026-12-24' }, { today: TODAY })).toEqual({ validFrom: TODAY, validTo: '2026-12-24' });
  });

  it('of a review begins the given number of months after the visit, and has 31 days', () => {
    expect(toWindow({ afterMonths: 3 }, { visit: '2026-11-30', today: TODAY })).toEqual({
      validFrom: '2027-02-28',
      validTo: '2027-03-30',
    });
    expect(toWindow({ afterMonths: 3, validTo: '2027-03-05' }, { visit: '2026-11-20', today: TODAY })).toEqual({
      validFrom: '2027-02-20',
      validTo: '2027-03-05',
    });
  });

  it.each([
    [{}, 'validTo'],
    [{ validFrom: '2026-12-05', validTo: '2026-12-04' }, 'validTo'],
    [{ validFrom: '2026-11-01', validTo: '2026-11-29' }, 'validTo'],
    [{ validTo: '2029-12-01' }, 'validTo'],
    [{ validFrom: '2026-12-05', afterMonths: 1 }, 'afterMonths'],
  ])('refuses %j and names the field', (window, field) => {
    expect(() => toWindow(window, { today: TODAY })).toThrow(
      expect.objectContaining({ code: 'VALIDATION_ERROR', details: [expect.objectContaining({ field })] }),
    );
  });
});

it.each([
  ['2027-02-28', '2027-03-30', '2027-02-28'],
  [TODAY, '2026-12-24', '2026-12-17'],
  ['2026-01-01', '2026-12-08', '2026-12-01'],
  [TODAY, '2026-12-03', '2026-12-01'],
  [TODAY, TODAY, null],
])('a referral from %s to %s is reminded of on %s', (validFrom, validTo, day) => {
  expect(toReminderDay({ validFrom, validTo }, TODAY)).toBe(day);
});

it.each([
  [3, '2026-11-30', { validFrom: '2027-02-28', validTo: '2027-03-30' }],
  [1, '2026-09-30', { validFrom: '2026-10-30', validTo: '2026-11-29' }, '2026-11-29'],
  [1, '2026-09-30', null],
])('the review %d months after a visit on %s is in %j', (months, visit, window, today = TODAY) => {
  expect(toReviewWindow(months, { visit, today })).toEqual(window);
});

it.each([
  ['2026-01-31', 1, '2026-02-28'],
  ['2028-01-31', 1, '2028-02-29'],
  ['2026-12-31', 6, '2027-06-30'],
  ['2026-11-05', 14, '2028-01-05'],
])('%s and %d months are %s', (day, months, result) => {
  expect(addMonths(day, months)).toBe(result);
});
