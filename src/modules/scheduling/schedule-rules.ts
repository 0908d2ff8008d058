import { invalid, type FieldError } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import type { WeeklyRule } from './availability.js';
import { localTime, minuteOf } from './local-time.js';
import type { CreateException, ExceptionView, WeeklyRuleBody } from './schedules.dto.js';
import type { ExceptionRow } from './schedules.repository.js';

const MOST_DAYS = 366;
const DAY = 86_400_000;
const LAST_DAY = '9999-12-31';

export const ruleOf = ({ weekday, start, end, validFrom, validTo }: WeeklyRuleBody): WeeklyRule => ({
  weekday,
  startMinute: minuteOf(start),
  endMinute: minuteOf(end),
  validFrom: validFrom ?? null,
  validTo: validTo ?? null,
});

export const ruleView = ({ weekday, startMinute, endMinute, validFrom, validTo }: WeeklyRule): WeeklyRuleBody => ({
  weekday,
  start: localTime(startMinute),
  end: localTime(endMinute),
  ...(validFrom && { validFrom }),
  ...(validTo && { validTo }),
});

export const exceptionRow = ({ from, to, kind, start, end, reason }: CreateException): ExceptionRow => ({
  id: newId(),
  from,
  to,
  kind,
  startMinute: start ? minuteOf(start) : null,
  endMinute: end ? minuteOf(end) : null,
  reason: reason ?? null,
});

export const exceptionView = ({ startMinute, endMinute, ...row }: ExceptionRow): ExceptionView => ({
  id: row.id,
  from: row.from,
  to: row.to,
  kind: row.kind,
  start: startMinute === null ? null : localTime(startMinute),
  end: endMinute === null ? null : localTime(endMinute),
  reason: row.reason,
});

/** @throws DomainError VALIDATION_ERROR that names every rule that ends before it starts or runs into another */
export function assertRules(rules: WeeklyRuleBody[]): void {
  const errors: FieldError[] = [];
  rules.forEach((rule, index) => {
    if (minuteOf(rule.start) >= minuteOf(rule.end))
      errors.push({ field: `rules[${index}].end`, error: 'must be after start' });
    if (rule.validFrom && rule.validTo && rule.validFrom > rule.validTo) {
      errors.push({ field: `rules[${index}].validTo`, error: 'must not be before validFrom' });
    }
    const earlier = rules.slice(0, index).findIndex((other) => runInto(rule, other));
    if (earlier >= 0) errors.push({ field: `rules[${index}]`, error: `overlaps rules[${earlier}]` });
  });
  if (errors.length > 0) throw invalid(...errors);
}

const runInto = (a: WeeklyRuleBody, b: WeeklyRuleBody): boolean =>
  a.weekday === b.weekday &&
  minuteOf(a.start) < minuteOf(b.end) &&
  minuteOf(b.start) < minuteOf(a.end) &&
  (a.validFrom ?? '') <= (b.validTo ?? LAST_DAY) &&
  (b.validFrom ?? '') <= (a.validTo ?? LAST_DAY);

/** @throws DomainError VALIDATION_ERROR for days or hours that end before they start, or only one of the hours */
export function assertException({ from, to, start, end }: CreateException): void {
  if (to < from) throw invalid({ field: 'to', error: 'must not be before from' });
  if ((Date.parse(to) - Date.parse(from)) / DAY >= MOST_DAYS)
    throw invalid({ field: 'to', error: `must be within ${MOST_DAYS} days` });
  if (start && !end) throw invalid({ field: 'end', error: 'must be given together with start' });
  if (end && !start) throw invalid({ field: 'start', error: 'must be given together with end' });
  if (start && end && minuteOf(start) >= minuteOf(end)) throw invalid({ field: 'end', error: 'must be after start' });
}
