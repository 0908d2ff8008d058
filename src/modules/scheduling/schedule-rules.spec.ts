import { describe, expect, it } from '@jest/globals';
import { DomainError, type FieldError } from '../../core/kernel/domain-error.js';
import { assertException, assertRules, toWeeklyRule, toRuleBody } from './schedule-rules.js';
import type { CreateException, WeeklyRuleBody } from './schedules.dto.js';

const aRule = (fields: Partial<WeeklyRuleBody> = {}): WeeklyRuleBody => ({
  weekday: 1,
  start: '09:00',
  end: '13:00',
  ...fields,
});

const anException = (fields: Partial<CreateException> = {}): CreateException => ({
  from: '2026-12-24',
  to: '2026-12-26',
  kind: 'CLOSED',
  ...fields,
});

/** The fields that are complained of. */
function faults(check: () => void): string[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return (error.details as FieldError[]).map(({ field }) => field);
  }
}

describe('weekly rules', () => {
  const getFieldErrors = (...rules: WeeklyRuleBody[]): string[] => faults(() => assertRules(rules));

  it('may be adjacent, and equal on different weekdays', () => {
    expect(getFieldErrors(aRule(), aRule({ start: '13:00', end: '24:00' }), aRule({ weekday: 2 }))).toEqual([]);
  });

  it('must not overlap on one weekday', () => {
    expect(getFieldErrors(aRule(), aRule({ weekday: 2 }), aRule({ start: '12:59', end: '14:00' }))).toEqual([
      'rules[2]',
    ]);
    expect(getFieldErrors(aRule(), aRule())).toEqual(['rules[1]']);
  });

  it('must end after they start', () => {
    expect(getFieldErrors(aRule({ end: '09:00' }))).toEqual(['rules[0].end']);
    expect(getFieldErrors(aRule({ start: '23:59', end: '24:00' }))).toEqual([]);
  });

  it('may overlap if their validity does not overlap', () => {
    expect(getFieldErrors(aRule({ validTo: '2026-12-31' }), aRule({ validFrom: '2027-01-01' }))).toEqual([]);
    expect(getFieldErrors(aRule({ validTo: '2026-12-31' }), aRule({ validFrom: '2026-12-31' }))).toEqual(['rules[1]']);
    expect(getFieldErrors(aRule({ validFrom: '9999-12-31' }), aRule())).toEqual(['rules[1]']);
  });

  it('must not have a last day before the first', () => {
    expect(getFieldErrors(aRule({ validFrom: '2026-02-02', validTo: '2026-02-01' }))).toEqual(['rules[0].validTo']);
  });

  it('are returned as they were given', () => {
    const rule = aRule({ end: '24:00', validFrom: '2026-01-01' });
    expect(toRuleBody(toWeeklyRule(rule))).toEqual(rule);
  });
});

describe('an exception', () => {
  const getFieldErrors = (fields: Partial<CreateException>): string[] =>
    faults(() => assertException(anException(fields)));

  it('covers 1 to 366 days', () => {
    expect(getFieldErrors({ to: '2026-12-24' })).toEqual([]);
    expect(getFieldErrors({ to: '2026-12-23' })).toEqual(['to']);
    expect(getFieldErrors({ from: '2028-01-01', to: '2028-12-31' })).toEqual([]);
    expect(getFieldErrors({ from: '2028-01-01', to: '2029-01-01' })).toEqual(['to']);
  });

  it('has both hours or none', () => {
    expect(getFieldErrors({ start: '09:00' })).toEqual(['end']);
    expect(getFieldErrors({ end: '09:00' })).toEqual(['start']);
    expect(getFieldErrors({ start: null, end: '09:00' })).toEqual(['start']);
    expect(getFieldErrors({ start: null, end: null })).toEqual([]);
    expect(getFieldErrors({ start: '09:00', end: '09:00' })).toEqual(['end']);
    expect(getFieldErrors({ start: '00:00', end: '24:00' })).toEqual([]);
  });
});
