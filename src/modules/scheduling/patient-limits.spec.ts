import { describe, expect, it } from '@jest/globals';
import { at, bookingRules } from '../../../test/support/booking-rules.js';
import type { BookingRulesRow } from './booking-rules-row.js';
import { createMoveCheck, createBookingCheck, limitsPatients, type PatientVisit } from './patient-limits.js';

const NOW = at('2026-11-23T09:00Z');

const visit = (start: string, fields: Partial<PatientVisit> = {}): PatientVisit => ({
  id: start,
  serviceId: 'service',
  start: at(start),
  status: 'CONFIRMED',
  ...fields,
});

const accepts = (fields: Partial<BookingRulesRow>, visits: PatientVisit[], start: string): boolean =>
  createBookingCheck(bookingRules(fields), visits, NOW)(at(start));

describe('limits on the visits of a patient', () => {
  it('exist if the policy has one of them', () => {
    expect(limitsPatients(bookingRules())).toBe(false);
    expect(limitsPatients(bookingRules({ maxUpcomingPerClient: 0 }))).toBe(true);
    expect(limitsPatients(bookingRules({ maxPerDayPerClient: 1 }))).toBe(true);
    expect(limitsPatients(bookingRules({ noShowLimit: 1 }))).toBe(true);
  });

  it('accept every start without a policy', () => {
    const visits = [visit('2026-11-24T09:00Z'), visit('2026-11-20T09:00Z', { status: 'NO_SHOW' })];
    expect(accepts({}, visits, '2026-11-24T10:00Z')).toBe(true);
  });
});

describe('upcoming visits', () => {
  const limit = { maxUpcomingPerClient: 2 };
  const one = visit('2026-11-24T09:00Z');

  it.each<[string, PatientVisit, boolean]>([
    ['confirmed', visit('2026-11-25T09:00Z'), false],
    ['pending', visit('2026-11-25T09:00Z', { status: 'PENDING' }), false],
    ['cancelled', visit('2026-11-25T09:00Z', { status: 'CANCELLED' }), true],
    ['in progress', visit('2026-11-25T09:00Z', { status: 'IN_PROGRESS' }), true],
    ['starting now', visit('2026-11-23T09:00Z'), true],
    ['starting after now', visit('2026-11-23T09:00:00.001Z'), false],
    ['of another service', visit('2026-11-25T09:00Z', { serviceId: 'other' }), false],
  ])('leave room for another one beside one that is %s: %s', (_, other, isAccepted) => {
    expect(accepts(limit, [one, other], '2026-11-30T09:00Z')).toBe(isAccepted);
  });

  it('of other services do not count if the service has its own limit', () => {
    const own = { ...limit, overrides: { maxUpcomingPerClient: 2 } };
    expect(accepts(own, [one, visit('2026-11-25T09:00Z', { serviceId: 'other' })], '2026-11-30T09:00Z')).toBe(true);
    expect(accepts(own, [one, visit('2026-11-25T09:00Z')], '2026-11-30T09:00Z')).toBe(false);
  });
});

describe('no-shows', () => {
  const missed = visit('2026-11-20T09:00Z', { status: 'NO_SHOW' });

  it('exclude a patient from the limit on', () => {
    expect(accepts({ noShowLimit: 2 }, [missed], '2026-11-30T09:00Z')).toBe(true);
    expect(accepts({ noShowLimit: 2 }, [missed, missed], '2026-11-30T09:00Z')).toBe(false);
    expect(accepts({ noShowLimit: 1 }, [visit('2026-11-20T09:00Z')], '2026-11-30T09:00Z')).toBe(true);
  });
});

describe('visits on one local day', () => {
  const limit = { timeZone: 'America/New_York', maxPerDayPerClient: 1 };

  it.each([
    ['2026-11-01T03:59Z', true],
    ['2026-11-01T04:00Z', false],
    ['2026-11-02T04:59Z', false],
    ['2026-11-02T05:00Z', true],
  ])('with a visit on a day of 25 hours, %s is accepted: %s', (start, isAccepted) => {
    expect(accepts(limit, [visit('2026-11-01T15:00Z')], start)).toBe(isAccepted);
  });

  it('are counted up to the limit, without no-shows', () => {
    const two = { ...limit, maxPerDayPerClient: 2 };
    const visits = [visit('2026-11-24T15:00Z'), visit('2026-11-25T15:00Z')];
    expect(accepts(two, visits, '2026-11-24T16:00Z')).toBe(true);
    expect(accepts(two, [...visits, visit('2026-11-24T17:00Z')], '2026-11-24T16:00Z')).toBe(false);
    expect(accepts(two, [...visits, visit('2026-11-24T17:00Z')], '2026-11-25T16:00Z')).toBe(true);
    expect(accepts(limit, [visit('2026-11-24T15:00Z', { status: 'NO_SHOW' })], '2026-11-24T16:00Z')).toBe(true);
  });
});

describe('a move', () => {
  const rules = bookingRules({ maxPerDayPerClient: 1, maxUpcomingPerClient: 1, noShowLimit: 1 });
  const visits = [
    visit('2026-11-24T09:00Z', { id: 'moved' }),
    visit('2026-11-25T09:00Z', { id: 'other' }),
    visit('2026-11-20T09:00Z', { id: 'missed', status: 'NO_SHOW' }),
  ];
  const may = (id: string, start: string, existing = visits): boolean =>
    createMoveCheck(rules, existing, id)(at(start));

  it('is limited only by the other visits of a day', () => {
    expect(may('moved', '2026-11-24T12:00Z')).toBe(true);
    expect(may('moved', '2026-11-25T12:00Z')).toBe(false);
    expect(may('moved', '2026-11-26T12:00Z')).toBe(true);
  });

  it('may stay on its day, even if that has too many visits since the policy changed', () => {
    const full = [...visits, visit('2026-11-24T10:00Z', { id: 'third' })];
    expect(may('moved', '2026-11-24T12:00Z', full)).toBe(true);
    expect(may('unknown', '2026-11-24T12:00Z', full)).toBe(false);
  });
});
