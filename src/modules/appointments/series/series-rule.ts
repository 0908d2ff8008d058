import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import { isInstant } from '../../../core/http/instants.js';
import { invalid, type DomainError } from '../../../core/kernel/domain-error.js';
import { isDay, Zone } from '../../../core/kernel/zone.js';

/** The maximum number of appointments in a series. */
export const MAX_OCCURRENCES = 100;

/** How many periods the search for occurrences may look at. All but a day take up to a millisecond, in which nothing else runs. */
const MAX_PERIODS = { DAILY: 2_000, LONGER: 400 };

/** How many periods may come before that of the first occurrence, which is the start: without a limit, rules without occurrences take long. */
const MAX_PERIODS_TO_FIRST = 10;

/** A list of numbers from 1 to `max`; with a sign, counted from the end. */
const numbers =
  (max: number) =>
  (value: string): boolean =>
    value.split(',').every((one) => /^[+-]?[1-9]\d{0,2}$/.test(one) && Math.abs(Number(one)) <= max);

const matches =
  (grammar: RegExp) =>
  (value: string): boolean =>
    grammar.test(value);

/** The parts of a rule that make sense for visits, with their grammar (RFC 5545, 3.3.10). Every visit has the time of the first. */
const PARTS: Record<string, (value: string) => boolean> = {
  FREQ: matches(/^(?:DAILY|WEEKLY|MONTHLY|YEARLY)$/),
  INTERVAL: matches(/^[1-9]\d{0,2}$/),
  COUNT: matches(/^[1-9]\d{0,5}$/),
  UNTIL: matches(/^\d{8}(?:T(?:[01]\d|2[0-3])[0-5]\d[0-5]\dZ?)?$/),
  BYDAY: matches(/^(?:[+-]?\d{1,2})?(?:MO|TU|WE|TH|FR|SA|SU)(?:,(?:[+-]?\d{1,2})?(?:MO|TU|WE|TH|FR|SA|SU))*$/),
  BYMONTHDAY: numbers(31),
  BYYEARDAY: numbers(366),
  BYWEEKNO: numbers(53),
  BYMONTH: (value) => !/[+-]/.test(value) && numbers(12)(value),
  BYSETPOS: numbers(366),
  WKST: matches(/^(?:MO|TU|WE|TH|FR|SA|SU)$/),
};

/**
 * The starts of a series, ascending, in epoch milliseconds. The rule is expanded in the clinic's zone: the local time stays across clock
 * changes. A local time that the clocks skip is left out and does not count; of a repeated one, the first is taken (RFC 5545, 3.3.10).
 * @param rrule such as `FREQ=WEEKLY;COUNT=10`, with COUNT or UNTIL
 * @param start the first occurrence
 * @throws DomainError VALIDATION_ERROR
 */
export function expandRule(rrule: string, start: number, zoneName: string): number[] {
  const parts = parse(rrule);
  const until = parts.get('UNTIL');
  if (until !== undefined) parts.set('UNTIL', toUtc(until, Zone.of(zoneName)));
  const rule = { text: [...parts].map((part) => part.join('=')).join(';'), start, zoneName };
  const [first] = expand(rule, 1, MAX_PERIODS_TO_FIRST);
  if (first !== start)
    throw invalidRule('must have its first occurrence at startDateTime, in the time zone of the clinic');
  const starts = expand(rule, MAX_OCCURRENCES + 1, MAX_PERIODS[parts.get('FREQ') === 'DAILY' ? 'DAILY' : 'LONGER']);
  if (starts.length > MAX_OCCURRENCES) throw invalidRule(`must end after at most ${MAX_OCCURRENCES} appointments`);
  if (!starts.every(isBookableYear)) throw invalidRule('must end before the year 2200');
  return starts;
}

/** The years of a single booking: PostgreSQL cannot read the later ones as JavaScript writes them. */
const isBookableYear = (start: number): boolean => isInstant(new Date(start).toISOString());

interface Rule {
  text: string;
  /** Epoch milliseconds. */
  start: number;
  zoneName: string;
}

const invalidRule = (error: string): DomainError => invalid({ field: 'rrule', error });

function parse(rrule: string): Map<string, string> {
  const parts = new Map<string, string>();
  for (const part of rrule
    .toUpperCase()
    .replace(/^RRULE:/, '')
    .split(';')) {
    const [, name = '', value = ''] = /^([A-Z]+)=(.*)$/.exec(part) ?? [];
    const isValid = PARTS[name];
    if (!isValid) throw invalidRule(`has a part that is not supported; the parts are ${Object.keys(PARTS).join(', ')}`);
    if (parts.has(name)) throw invalidRule(`has ${name} twice`);
    if (!isValid(value)) throw invalidRule(`has an invalid value for ${name}`);
    parts.set(name, value);
  }
  if (!parts.has('FREQ')) throw invalidRule('must have a FREQ');
  if (parts.has('COUNT') === parts.has('UNTIL')) throw invalidRule('must have either a COUNT or an UNTIL');
  if (Number(parts.get('COUNT') ?? 1) > MAX_OCCURRENCES) {
    throw invalidRule(`must have a COUNT of at most ${MAX_OCCURRENCES}`);
  }
  return parts;
}

/** RFC 5545 wants UTC; a local time and a day, which is included, are what many people write. */
function toUtc(until: string, zone: Zone): string {
  if (until.endsWith('Z')) return until;
  const day = until.slice(0, 8).replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
  if (!isDay(day)) throw invalidRule('has an invalid value for UNTIL');
  const [hours, minutes, seconds] = (until.slice(9).match(/\d{2}/g) ?? []).map(Number);
  const isOnlyDay = hours === undefined;
  const instant = isOnlyDay
    ? zone.startOfDay(zone.addDays(day, 1)) - 1_000
    : zone.boundary(day, hours * 60 + (minutes ?? 0)) + (seconds ?? 0) * 1_000;
  return new Date(instant).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** Up to `count` occurrences. */
function expand({ text, start, zoneName }: Rule, count: number, maxIterations: number): number[] {
  const dtstart = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(zoneName);
  const starts: number[] = [];
  try {
    const rule = new RRuleTemporal({ rruleString: text, dtstart, tzid: zoneName, strict: true, maxIterations });
    rule.all((occurrence) => {
      starts.push(occurrence.epochMilliseconds);
      return starts.length < count;
    });
  } catch (error) {
    // The library's messages are about the rule, except that on iterations. It has no class of its own for its errors.
    const message = error instanceof Error ? error.message : 'invalid';
    const problem = message.includes('iterations') ? 'it has too few' : message;
    throw invalidRule(`is not a rule of RFC 5545 with occurrences: ${problem}`);
  }
  return starts;
}
