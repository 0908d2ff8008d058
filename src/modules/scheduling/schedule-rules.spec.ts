import { describe, expect, it } from '@jest/globals';
import { getError } from '../../../test/support/domain-errors.js';
import type { FieldError } from '../../core/kernel/domain-error.js';
import { isId } from '../../core/kernel/id.js';
import {
  addRules,
  assertException,
  assertRules,
  toClosureView,
  toException,
  toExceptionView,
  toRuleBody,
  toWeeklyHours,
} from './schedule-rules.js';
import { MAX_RULES, type CreateException, type WeeklyRuleBody } from './schedules.dto.js';

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

/** The fields that the error names. */
function getErrorFields(check: () => void): string[] | 'valid' {
  const error = getError(check);
  return error ? (error.details as FieldError[]).map(({ field }) => field) : 'valid';
}

describe('weekly rules', () => {
  const check = (...rules: WeeklyRuleBody[]): string[] | 'valid' => getErrorFields(() => assertRules(rules));

  it('may be adjacent, and equal on different weekdays', () => {
    expect(check(rule(), rule({ start: '13:00', end: '24:00' }), rule({ weekday: 2 }))).toBe('valid');
  });

  it('must not overlap on one weekday', () => {
    expect(check(rule(), rule({ weekday: 2 }), rule({ start: '12:59', end: '14:00' }))).toEqual(['rules[2]']);
    expect(check(rule(), rule())).toEqual(['rules[1]']);
  });

  it('must end after they start', () => {
    expect(check(rule({ end: '09:00' }))).toEqual(['rules[0].end']);
    expect(check(rule({ start: '23:59', end: '24:00' }))).toBe('valid');
  });

  it('may overlap if their validity does not overlap', () => {
    expect(check(rule({ validTo: '2026-12-31' }), rule({ validFrom: '2027-01-01' }))).toBe('valid');
    expect(check(rule({ validTo: '2026-12-31' }), rule({ validFrom: '2026-12-31' }))).toEqual(['rules[1]']);
    expect(check(rule({ validFrom: '9999-12-31' }), rule())).toEqual(['rules[1]']);
  });

  it('overlap in time and validity in either order', () => {
    expect(check(rule({ start: '13:00', end: '14:00' }), rule())).toBe('valid');
    expect(check(rule({ start: '12:59', end: '14:00' }), rule())).toEqual(['rules[1]']);
    expect(check(rule({ validFrom: '2027-01-01' }), rule({ validTo: '2026-12-31' }))).toBe('valid');
    expect(check(rule({ validFrom: '2026-12-31' }), rule({ validTo: '2026-12-31' }))).toEqual(['rules[1]']);
  });

  it('must not have a last day before the first', () => {
    expect(check(rule({ validFrom: '2026-02-02', validTo: '2026-02-01' }))).toEqual(['rules[0].validTo']);
    expect(check(rule({ validFrom: '2026-02-02', validTo: '2026-02-02' }))).toBe('valid');
    expect(check(rule({ validFrom: '2026-02-02', validTo: '2026-02-03' }))).toBe('valid');
  });

  it('are returned as they were given', () => {
    const body = rule({ end: '24:00', validFrom: '2026-01-01' });
    expect(toRuleBody(toWeeklyHours(body))).toEqual(body);
    expect(toRuleBody(toWeeklyHours(rule({ validTo: '2026-12-31' })))).toEqual(rule({ validTo: '2026-12-31' }));
    expect(toWeeklyHours(rule())).toEqual({
      ...{ weekday: 1, startMinute: 540, endMinute: 780 },
      ...{ validFrom: null, validTo: null },
    });
  });
});

describe('rules that are added', () => {
  const existing = rule({ validFrom: '2026-01-01', validTo: '2026-06-30' });
  /** The result for the rule, or the field of its error. */
  const add = (added: WeeklyRuleBody, to = [existing]): string => {
    const { rules, results } = addRules(to, [added]);
    expect(rules).toEqual(results[0] === 'ADDED' ? [...to, added] : to);
    return typeof results[0] === 'object' ? results[0].field : (results[0] ?? '');
  };

  it.each<[string, Partial<WeeklyRuleBody>, string]>([
    ['on another weekday', { weekday: 2 }, 'ADDED'],
    ['for later days', { validFrom: '2026-07-01' }, 'ADDED'],
    ['for earlier days', { validTo: '2025-12-31' }, 'ADDED'],
    ['after the others', { start: '13:00', end: '14:00' }, 'ADDED'],
    ['with the same hours and days', { validFrom: '2026-01-01', validTo: '2026-06-30' }, 'UNCHANGED'],
    ['with another first day', { validFrom: '2026-01-02', validTo: '2026-06-30' }, 'start'],
    ['without a first day', { validTo: '2026-06-30' }, 'start'],
    ['without a last day', { validFrom: '2026-01-01' }, 'start'],
    ['that start earlier', { start: '08:00', validFrom: '2026-01-01', validTo: '2026-06-30' }, 'start'],
    ['that end later', { end: '14:00', validFrom: '2026-01-01', validTo: '2026-06-30' }, 'start'],
    ['that end when they start', { weekday: 2, end: '09:00' }, 'end'],
    ['that end a minute after they start', { weekday: 2, end: '09:01' }, 'ADDED'],
    ['whose last day is before the first', { weekday: 2, validFrom: '2026-02-02', validTo: '2026-02-01' }, 'validTo'],
    ['for one day', { weekday: 2, validFrom: '2026-02-02', validTo: '2026-02-02' }, 'ADDED'],
  ])('%s: %s', (_, fields, result) => {
    expect(add(rule(fields))).toBe(result);
  });

  it('without days are unchanged if they exist', () => {
    expect(add(rule(), [rule()])).toBe('UNCHANGED');
  });

  it('are compared with those added before them', () => {
    const { rules, results } = addRules([], [rule(), rule(), rule({ start: '12:00', end: '15:00' })]);
    expect(rules).toEqual([rule()]);
    expect(results).toMatchObject(['ADDED', 'UNCHANGED', { field: 'start' }]);
  });

  it('are at most 200 of a doctor', () => {
    const many = Array.from({ length: MAX_RULES - 1 }, (_, index) =>
      rule({ validFrom: `${2000 + index}-01-01`, validTo: `${2000 + index}-01-01` }),
    );
    const { rules, results } = addRules(many, [rule({ weekday: 2 }), rule({ weekday: 3 }), rule({ weekday: 2 })]);
    expect(rules).toHaveLength(MAX_RULES);
    expect(results).toMatchObject(['ADDED', { field: 'start' }, 'UNCHANGED']);
    expect((results[1] as FieldError).error).toContain(String(MAX_RULES));
  });
});

describe('an exception', () => {
  const check = (fields: Partial<CreateException>): string[] | 'valid' =>
    getErrorFields(() => assertException(exception(fields)));

  it('covers 1 to 366 days', () => {
    expect(check({ to: '2026-12-24' })).toBe('valid');
    expect(check({ to: '2026-12-23' })).toEqual(['to']);
    expect(check({ from: '2028-01-01', to: '2028-12-31' })).toBe('valid');
    expect(check({ from: '2028-01-01', to: '2029-01-01' })).toEqual(['to']);
  });

  it('has both hours or none', () => {
    expect(check({ start: '09:00' })).toEqual(['end']);
    expect(check({ end: '09:00' })).toEqual(['start']);
    expect(check({ start: null, end: '09:00' })).toEqual(['start']);
    expect(check({ start: null, end: null })).toBe('valid');
  });

  it('ends after it starts on each day', () => {
    expect(check({ start: '09:00', end: '09:00' })).toEqual(['end']);
    expect(check({ start: '00:00', end: '24:00' })).toBe('valid');
  });

  it('may have hours of one minute', () => {
    expect(check({ start: '09:00', end: '09:01' })).toBe('valid');
    expect(check({ start: '10:00', end: '09:00' })).toEqual(['end']);
  });

  it('is stored with its minutes and returned with its times', () => {
    const stored = toException(exception({ start: '00:00', end: '24:00', reason: 'holiday' }));
    expect(stored).toMatchObject({ ...{ startMinute: 0, endMinute: 1_440, reason: 'holiday' }, kind: 'CLOSED' });
    expect(isId(stored.id)).toBe(true);
    const { id, from, to } = stored;
    expect(toExceptionView(stored)).toEqual({
      ...{ id, from, to, kind: 'CLOSED', start: '00:00', end: '24:00', reason: 'holiday' },
    });
    expect(toClosureView(stored)).toEqual({ id, from, to, start: '00:00', end: '24:00', reason: 'holiday' });
  });

  it('is stored without minutes for whole days', () => {
    const stored = toException(exception());
    expect(stored).toMatchObject({
      from: '2026-12-24',
      to: '2026-12-26',
      startMinute: null,
      endMinute: null,
      reason: null,
    });
    expect(toExceptionView(stored)).toMatchObject({ start: null, end: null, reason: null });
  });
});
