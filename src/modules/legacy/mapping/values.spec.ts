import { describe, expect, it } from '@jest/globals';
import { Zone } from '../../../core/kernel/zone.js';
import { Fields } from '../fields.js';
import { getMinorDigits, toCalendarDay, toEnd, parseDateTime, parseDayAndTime, toStatus } from './values.js';
import { readAvailability, readDaysAndHours, readWorkingPlan } from './weekly-hours.js';

const cairo = Zone.of('Africa/Cairo');

describe('a time of another system', () => {
  it.each([
    ['2024-12-02T07:30:00.000Z', '2024-12-02T07:30:00.000Z'],
    ['2024-12-02T09:30:00+02:00', '2024-12-02T07:30:00.000Z'],
    ['2024-12-02 07:30:00+00', '2024-12-02T07:30:00.000Z'],
    ['2024-12-02 13:00:00.5+05:30', '2024-12-02T07:30:00.500Z'],
    ['2024-12-02 09:30:00', '2024-12-02T07:30:00.000Z'],
    ['2024-07-02T09:30', '2024-07-02T06:30:00.000Z'],
  ])('is an instant or a local time: %s', (text, instant) => {
    expect(parseDateTime(text, 'start', cairo).toISOString()).toBe(instant);
  });

  it.each(['2024-04-26 00:30:00', '2024-02-30 09:00', 'tomorrow', '2024-12-02', ''])('is refused: %s', (text) => {
    expect(() => parseDateTime(text, 'start', cairo)).toThrow('Some fields are not valid.');
  });

  it.each([
    ['2026-12-02T00:00:00.000Z', '09:30 AM', '2026-12-02T07:30:00.000Z'],
    ['2026-12-02', '2:15 pm', '2026-12-02T12:15:00.000Z'],
    ['2026-12-02T00:00:00.000', '14:15:00', '2026-12-02T12:15:00.000Z'],
    ['2026-12-02 00:00:00', '00:00', '2026-12-01T22:00:00.000Z'],
  ])('may have separate fields: %s and %s', (date, time, instant) => {
    expect(parseDayAndTime(date, time, cairo).toISOString()).toBe(instant);
  });
});

describe('a day of another system', () => {
  it.each([
    ['1990-05-04', '1990-05-04'],
    ['1990-05-04T00:00:00.000Z', '1990-05-04'],
    ['1990-05-03T21:00:00.000Z', '1990-05-04'],
    ['2024-12-02 22:30:00+00', '2024-12-03'],
    ['1990-05-04 10:00:00', '1990-05-04'],
    ['25/12/2024', '2024-12-25'],
    ['12/25/2024', '2024-12-25'],
    ['03/12/2024', null],
    ['soon', null],
  ])('is read as the day in the zone, and is null if it could be two: %s', (text, day) => {
    expect(toCalendarDay(text, cairo)).toBe(day);
  });
});

describe('a number of another system', () => {
  it('is refused if it has other characters, and does not become another number', () => {
    const fields = new Fields({
      minutes: '45 min',
      length: '45',
      price: 'EGP 1,200.50',
      both: '$5 EGP',
      comma: '1.200,50',
    });
    expect(() => fields.number('minutes')).toThrow('Some fields are not valid.');
    expect(fields.number('length')).toBe(45);
    expect(fields.money('price')).toEqual({ amount: 1200.5, currency: 'EGP' });
    for (const name of ['both', 'comma', 'minutes'])
      expect(() => fields.money(name)).toThrow('Some fields are not valid.');
  });

  it('has the minor units of its currency', () => {
    expect(['JPY', 'usd', 'KWD', 'tokens'].map(getMinorDigits)).toEqual([0, 2, 3, 2]);
  });
});

describe('the end of a visit of another system', () => {
  const start = new Date('2024-12-02T09:30:00Z');

  it('is computed from the duration if it has no field of its own', () => {
    expect(toEnd(start, null, 30)).toEqual(new Date('2024-12-02T10:00:00Z'));
  });

  it('is refused if it is not after the start, or not representable', () => {
    expect(() => toEnd(start, start, null)).toThrow('Some fields are not valid.');
    expect(() => toEnd(start, null, 1e12)).toThrow('Some fields are not valid.');
  });
});

describe('a status of another system', () => {
  it('is recognised by the words of several systems', () => {
    expect(['canceled', 'Cancelled', 'no-show', 'NO_SHOW', 'completed', 'pending'].map(toStatus)).toEqual([
      ...['CANCELLED', 'CANCELLED', 'NO_SHOW', 'NO_SHOW', 'COMPLETED', 'PENDING'],
    ]);
    expect(['upcoming', 'accepted', null].map(toStatus)).toEqual([null, null, null]);
    expect(() => toStatus('mystery')).toThrow('Some fields are not valid.');
  });
});

describe('working hours of another system', () => {
  it('are read from days and a range, a schedule, or a plan with breaks', () => {
    const days = new Fields({ availableDays: ['Sunday', 'Mon', 'Someday'], workingHours: '9:00 AM - 5:00 PM' });
    expect(readDaysAndHours(days)).toEqual([
      { weekday: 7, start: '09:00', end: '17:00' },
      { weekday: 1, start: '09:00', end: '17:00' },
    ]);
    const schedule = new Fields({ availability: [{ days: ['Friday'], startTime: '20:00', endTime: '00:00' }] });
    expect(readAvailability(schedule)).toEqual([{ weekday: 5, start: '20:00', end: '24:00' }]);
    const breaks = [
      { start: '15:00', end: '15:15' },
      { start: '12:00', end: '13:00' },
    ];
    const plan = new Fields({ tuesday: { start: '09:00', end: '18:00', breaks }, sunday: null });
    expect(readWorkingPlan(plan).map(({ start, end }) => `${start}-${end}`)).toEqual([
      ...['09:00-12:00', '13:00-15:00', '15:15-18:00'],
    ]);
  });
});
