import { describe, expect, it } from '@jest/globals';
import { DomainError, type FieldError } from '../../core/kernel/domain-error.js';
import { assertException, assertRules, toWeeklyRule, toRuleBody } from './schedule-rules.js';
import type { CreateException, WeeklyRuleBody } from './schedules.dto.js';

const rule = (fields: Partial<WeeklyRuleBody> = {}): WeeklyRuleBody => ({
  weekday: 1,
  start: '09:00',
  end: '13:00',
  ...fields,
});

const exception = (fields: Partial<CreateException> = {}): CreateException => ({
  from: '2026-12-24',
  to: '2026-12-26',
  kind: 'CLOSED',
  ...fields,
});

/** The fields that the error names; none without an error. */
function getErrorFields(check: () => void): string[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return (error.details as FieldError[]).map(({ field }) => field);
  }
}

describe('weekly rules', () => {
  const check = (...rules: WeeklyRuleBody[]): string[] => getErrorFields(() => assertRules(rules));

  it('may be adjacent, and equal on different weekdays', () => {
    expect(check(rule(), rule({ start: '13:00', end: '24:00' }), rule({ weekday: 2 }))).toEqual([]);
  });

  it('must not overlap on one weekday', () => {
    expect(check(rule(), rule({ weekday: 2 }), rule({ start: '12:59', end: '14:00' }))).toEqual(['rules[2]']);
    expect(check(rule(), rule())).toEqual(['rules[1]']);
  });

  it('must end after they start', () => {
    expect(check(rule({ end: '09:00' }))).toEqual(['rules[0].end']);
    expect(check(rule({ start: '23:59', end: '24:00' }))).toEqual([]);
  });

  it('may overlap if their validity does not overlap', () => {
    expect(check(rule({ validTo: '2026-12-31' }), rule({ validFrom: '2027-01-01' }))).toEqual([]);
    expect(check(rule({ validTo: '2026-12-31' }), rule({ validFrom: '2026-12-31' }))).toEqual(['rules[1]']);
    expect(check(rule({ validFrom: '9999-12-31' }), rule())).toEqual(['rules[1]']);
  });

  it('must not have a last day before the first', () => {
    expect(check(rule({ validFrom: '2026-02-02', validTo: '2026-02-01' }))).toEqual(['rules[0].validTo']);
  });

  it('are returned as they were given', () => {
    const body = rule({ end: '24:00', validFrom: '2026-01-01' });
    expect(toRuleBody(toWeeklyRule(body))).toEqual(body);
  });
});

describe('an exception', () => {
  const check = (fields: Partial<CreateException>): string[] =>
    getErrorFields(() => assertException(exception(fields)));

  it('covers 1 to 366 days', () => {
    expect(check({ to: '2026-12-24' })).toEqual([]);
    expect(check({ to: '2026-12-23' })).toEqual(['to']);
    expect(check({ from: '2028-01-01', to: '2028-12-31' })).toEqual([]);
    expect(check({ from: '2028-01-01', to: '2029-01-01' })).toEqual(['to']);
  });

  it('has both hours or none', () => {
    expect(check({ start: '09:00' })).toEqual(['end']);
    expect(check({ end: '09:00' })).toEqual(['start']);
    expect(check({ start: null, end: '09:00' })).toEqual(['start']);
    expect(check({ start: null, end: null })).toEqual([]);
  });

  it('ends after it starts on each day', () => {
    expect(check({ start: '09:00', end: '09:00' })).toEqual(['end']);
    expect(check({ start: '00:00', end: '24:00' })).toEqual([]);
  });
});
