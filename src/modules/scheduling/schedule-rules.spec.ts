import { describe, expect, it } from '@jest/globals';
import { DomainError, type FieldError } from '../../core/kernel/domain-error.js';
import { assertException, assertRules, ruleOf, ruleView } from './schedule-rules.js';
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
  const faultsOf = (...rules: WeeklyRuleBody[]): string[] => faults(() => assertRules(rules));

  it('may touch, and may be the same on different weekdays', () => {
    expect(faultsOf(aRule(), aRule({ start: '13:00', end: '24:00' }), aRule({ weekday: 2 }))).toEqual([]);
  });

  it('may not run into each other on one weekday', () => {
    expect(faultsOf(aRule(), aRule({ weekday: 2 }), aRule({ start: '12:59', end: '14:00' }))).toEqual(['rules[2]']);
    expect(faultsOf(aRule(), aRule())).toEqual(['rules[1]']);
  });

  it('end after they start', () => {
    expect(faultsOf(aRule({ end: '09:00' }))).toEqual(['rules[0].end']);
    expect(faultsOf(aRule({ start: '23:59', end: '24:00' }))).toEqual([]);
  });

  it('may follow each other by validity, to the day', () => {
    expect(faultsOf(aRule({ validTo: '2026-12-31' }), aRule({ validFrom: '2027-01-01' }))).toEqual([]);
    expect(faultsOf(aRule({ validTo: '2026-12-31' }), aRule({ validFrom: '2026-12-31' }))).toEqual(['rules[1]']);
    expect(faultsOf(aRule({ validFrom: '9999-12-31' }), aRule())).toEqual(['rules[1]']);
  });

  it('are not valid to a day before their first', () => {
    expect(faultsOf(aRule({ validFrom: '2026-02-02', validTo: '2026-02-01' }))).toEqual(['rules[0].validTo']);
  });

  it('come out as they went in', () => {
    const rule = aRule({ end: '24:00', validFrom: '2026-01-01' });
    expect(ruleView(ruleOf(rule))).toEqual(rule);
  });
});

describe('an exception', () => {
  const faultsOf = (fields: Partial<CreateException>): string[] => faults(() => assertException(anException(fields)));

  it('lasts a day at least and 366 at most', () => {
    expect(faultsOf({ to: '2026-12-24' })).toEqual([]);
    expect(faultsOf({ to: '2026-12-23' })).toEqual(['to']);
    expect(faultsOf({ from: '2028-01-01', to: '2028-12-31' })).toEqual([]);
    expect(faultsOf({ from: '2028-01-01', to: '2029-01-01' })).toEqual(['to']);
  });

  it('has both hours or neither', () => {
    expect(faultsOf({ start: '09:00' })).toEqual(['end']);
    expect(faultsOf({ end: '09:00' })).toEqual(['start']);
    expect(faultsOf({ start: null, end: '09:00' })).toEqual(['start']);
    expect(faultsOf({ start: null, end: null })).toEqual([]);
    expect(faultsOf({ start: '09:00', end: '09:00' })).toEqual(['end']);
    expect(faultsOf({ start: '00:00', end: '24:00' })).toEqual([]);
  });
});
