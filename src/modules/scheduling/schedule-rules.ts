import { invalid, type FieldError } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import type { ClosureView } from './closures.dto.js';
import type { ClosureFields } from './closures.repository.js';
import { DAY } from './calendar.js';
import { toLocalTime, toMinutes } from './local-time.js';
import { MAX_RULES, type CreateException, type ExceptionView, type WeeklyRuleBody } from './schedules.dto.js';
import type { ExceptionFields } from './schedules.repository.js';
import type { WeeklyHours } from './slot-query.js';

const MAX_EXCEPTION_DAYS = 366;
const LAST_DAY = '9999-12-31';

export const toWeeklyHours = ({ weekday, start, end, validFrom, validTo }: WeeklyRuleBody): WeeklyHours => ({
  weekday,
  startMinute: toMinutes(start),
  endMinute: toMinutes(end),
  validFrom: validFrom ?? null,
  validTo: validTo ?? null,
});

export const toRuleBody = ({ weekday, startMinute, endMinute, validFrom, validTo }: WeeklyHours): WeeklyRuleBody => ({
  weekday,
  start: toLocalTime(startMinute),
  end: toLocalTime(endMinute),
  ...(validFrom && { validFrom }),
  ...(validTo && { validTo }),
});

export const toException = ({ from, to, kind, start, end, reason }: CreateException): ExceptionFields => ({
  id: newId(),
  from,
  to,
  kind,
  startMinute: start ? toMinutes(start) : null,
  endMinute: end ? toMinutes(end) : null,
  reason: reason ?? null,
});

export const toExceptionView = (exception: ExceptionFields): ExceptionView => ({
  id: exception.id,
  from: exception.from,
  to: exception.to,
  kind: exception.kind,
  start: exception.startMinute === null ? null : toLocalTime(exception.startMinute),
  end: exception.endMinute === null ? null : toLocalTime(exception.endMinute),
  reason: exception.reason,
});

export function toClosureView(closure: ClosureFields): ClosureView {
  const { kind: _, ...view } = toExceptionView({ ...closure, kind: 'CLOSED' });
  return view;
}

/** @throws DomainError VALIDATION_ERROR that lists every rule that ends before it starts or overlaps another one */
export function assertRules(rules: WeeklyRuleBody[]): void {
  const errors: FieldError[] = [];
  rules.forEach((rule, index) => {
    for (const { field, error } of findOrderErrors(rule)) errors.push({ field: `rules[${index}].${field}`, error });
    const earlier = rules.slice(0, index).findIndex((other) => overlap(rule, other));
    if (earlier >= 0) errors.push({ field: `rules[${index}]`, error: `overlaps rules[${earlier}]` });
  });
  if (errors.length > 0) throw invalid(...errors);
}

/** Hours or days that end before they start. */
const findOrderErrors = ({ start, end, validFrom, validTo }: WeeklyRuleBody): FieldError[] => [
  ...(toMinutes(start) >= toMinutes(end) ? [{ field: 'end', error: 'must be after start' }] : []),
  ...(validFrom && validTo && validFrom > validTo ? [{ field: 'validTo', error: 'must not be before validFrom' }] : []),
];

/** Whether a rule was added, exists already, or is refused with this error. */
export type AddRuleResult = 'ADDED' | 'UNCHANGED' | FieldError;

/** Adds rules to the existing ones. One that exists already is omitted, and one that overlaps another is refused. */
export function addRules(
  existing: readonly WeeklyRuleBody[],
  added: readonly WeeklyRuleBody[],
): { rules: WeeklyRuleBody[]; results: AddRuleResult[] } {
  const rules = [...existing];
  const results = added.map((rule): AddRuleResult => {
    if (rules.some((other) => isSame(rule, other))) return 'UNCHANGED';
    const [orderError] = findOrderErrors(rule);
    if (orderError) return orderError;
    if (rules.some((other) => overlap(rule, other)))
      return { field: 'start', error: 'overlaps other hours of the doctor on this day' };
    if (rules.length === MAX_RULES)
      return { field: 'start', error: `is one of more than ${MAX_RULES} hours of the doctor` };
    rules.push(rule);
    return 'ADDED';
  });
  return { rules, results };
}

const isSame = (a: WeeklyRuleBody, b: WeeklyRuleBody): boolean =>
  a.weekday === b.weekday &&
  toMinutes(a.start) === toMinutes(b.start) &&
  toMinutes(a.end) === toMinutes(b.end) &&
  (a.validFrom ?? null) === (b.validFrom ?? null) &&
  (a.validTo ?? null) === (b.validTo ?? null);

const overlap = (a: WeeklyRuleBody, b: WeeklyRuleBody): boolean =>
  a.weekday === b.weekday &&
  toMinutes(a.start) < toMinutes(b.end) &&
  toMinutes(b.start) < toMinutes(a.end) &&
  (a.validFrom ?? '') <= (b.validTo ?? LAST_DAY) &&
  (b.validFrom ?? '') <= (a.validTo ?? LAST_DAY);

/** @throws DomainError VALIDATION_ERROR if days or hours end before they start, or only one of the hours is given */
export function assertException({ from, to, start, end }: Omit<CreateException, 'kind'>): void {
  if (to < from) throw invalid({ field: 'to', error: 'must not be before from' });
  if ((Date.parse(to) - Date.parse(from)) / DAY >= MAX_EXCEPTION_DAYS)
    throw invalid({ field: 'to', error: `must be less than ${MAX_EXCEPTION_DAYS} days after from` });
  if (start && !end) throw invalid({ field: 'end', error: 'must be given together with start' });
  if (end && !start) throw invalid({ field: 'start', error: 'must be given together with end' });
  if (start && end && toMinutes(start) >= toMinutes(end)) throw invalid({ field: 'end', error: 'must be after start' });
}
