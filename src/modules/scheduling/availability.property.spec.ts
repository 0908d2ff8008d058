import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { rounds } from '../../../test/support/long-form.js';
import { Zone } from '../../core/kernel/zone.js';
import { assignResources, listSlots, nearestSlots, whyNotBookable } from './availability.js';
import type { Range } from './ranges.js';
import type { Bookable, HoursException, NotBookableReason, Schedule, SlotQuery, WeeklyHours } from './slot-query.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SCAN_MARGIN = 4 * HOUR;

/* ---- The oracle: a slow reference implementation that checks each minute, with local times from Temporal. ---- */

/** The local day and minute at an instant. `text` contains both and sorts by time. */
interface LocalTime {
  day: string;
  minute: number;
  text: string;
}

const localTimes = new Map<string, Map<number, LocalTime>>();

function getLocalTime(zone: string, ms: number): LocalTime {
  const known = localTimes.get(zone) ?? new Map<number, LocalTime>();
  localTimes.set(zone, known);
  const time = known.get(ms) ?? computeLocalTime(zone, ms);
  known.set(ms, time);
  return time;
}

function computeLocalTime(zone: string, ms: number): LocalTime {
  const text = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDateTime().toString();
  return { day: text.slice(0, 10), minute: Number(text.slice(11, 13)) * 60 + Number(text.slice(14, 16)), text };
}

/** Whether each minute of a day is open (weekly hours and OPEN exceptions), and whether it is closed (CLOSED exceptions). */
interface DayMinutes {
  open: boolean[];
  closed: boolean[];
}

type Hours = (day: string) => DayMinutes;

class Oracle {
  /** The local time of each minute of `scan`. */
  readonly #times: LocalTime[] = [];
  /** The latest local time until each minute of `scan`: hours begin and end when the clock first shows that time. */
  readonly #latestTimes: LocalTime[] = [];
  readonly #doctor: Hours;
  readonly #lastDay: string;

  /** @param scan the range of all instants that are checked, in whole minutes */
  constructor(
    readonly query: SlotQuery,
    readonly scan: Range,
  ) {
    const { zone, schedule, now, terms } = query;
    for (let ms = scan.start; ms < scan.end; ms += MINUTE) this.#append(getLocalTime(zone.name, ms));
    this.#doctor = toHours(schedule, false);
    const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone.name).toPlainDate();
    this.#lastDay = today.add({ days: terms.horizonDays }).toString();
  }

  #append(time: LocalTime): void {
    const latest = this.#latestTimes[this.#latestTimes.length - 1];
    this.#times.push(time);
    this.#latestTimes.push(latest && latest.text > time.text ? latest : time);
  }

  slots(): Range[] {
    const { window, terms, busy } = this.query;
    const found: Range[] = [];
    for (let ms = this.scan.start; ms < this.scan.end; ms += MINUTE) {
      if (ms < window.start || ms >= window.end || this.reason(ms) !== null) continue;
      const slot = { start: ms, end: ms + terms.durationMinutes * MINUTE };
      if (!this.#isTaken(busy, slot) && this.pick(slot) !== null) found.push(slot);
    }
    return found;
  }

  reason(ms: number): NotBookableReason | null {
    const { terms, now } = this.query;
    if (ms - now < terms.minimumNoticeMinutes * MINUTE) return 'INSIDE_NOTICE';
    if (at(this.#times, this.#index(ms)).day > this.#lastDay) return 'PAST_HORIZON';
    if (!this.#throughout(ms, ({ day, minute }) => this.#doctor(day).open[minute] === true))
      return 'OUTSIDE_WORKING_HOURS';
    if (!this.#throughout(ms, ({ day, minute }) => this.#doctor(day).closed[minute] === false)) return 'TIME_OFF';
    return this.#isOnGrid(ms) ? null : 'OFF_GRID';
  }

  /** Tries every way to give each pool a resource of its own. */
  pick(slot: Range, pools = this.query.pools, used: string[] = []): string[] | null {
    const pool = pools[used.length];
    if (!pool) return used;
    for (const bookable of pool) {
      if (used.includes(bookable.id) || !this.#canHave(bookable, slot)) continue;
      const picked = this.pick(slot, pools, [...used, bookable.id]);
      if (picked) return picked;
    }
    return null;
  }

  #canHave({ busy, schedule }: Bookable, slot: Range): boolean {
    if (this.#isTaken(busy, slot)) return false;
    const hours = toHours(schedule ?? NO_HOURS, true);
    return this.#throughout(slot.start, ({ day, minute }) => {
      const { open, closed } = hours(day);
      return open[minute] === true && closed[minute] === false;
    });
  }

  #index(ms: number): number {
    return (ms - this.scan.start) / MINUTE;
  }

  #throughout(ms: number, holds: (time: LocalTime) => boolean): boolean {
    const first = this.#index(ms);
    for (let passed = 0; passed < this.query.terms.durationMinutes; passed++) {
      if (!holds(at(this.#latestTimes, first + passed))) return false;
    }
    return true;
  }

  /** Whether the local time is on the grid of its opening, and the opening has not ended yet at that instant. */
  #isOnGrid(ms: number): boolean {
    const time = at(this.#times, this.#index(ms));
    const latest = at(this.#latestTimes, this.#index(ms));
    const { open } = this.#doctor(time.day);
    if (time.day !== latest.day || !open.slice(time.minute, latest.minute + 1).every(Boolean)) return false;
    let opening = time.minute;
    while (open[opening - 1]) opening--;
    return (time.minute - opening) % this.query.terms.slotStepMinutes === 0;
  }

  #isTaken(busy: Range[], slot: Range): boolean {
    const { bufferBeforeMinutes, bufferAfterMinutes } = this.query.terms;
    const start = slot.start - bufferBeforeMinutes * MINUTE;
    const end = slot.end + bufferAfterMinutes * MINUTE;
    return busy.some((range) => range.start < range.end && range.start < end && range.end > start);
  }
}

function at(times: LocalTime[], index: number): LocalTime {
  const time = times[index];
  if (!time) throw new Error(`Minute ${index} is outside of the scanned range`);
  return time;
}

const NO_HOURS: Schedule = { rules: [], exceptions: [] };
const hoursBySchedule = new WeakMap<Schedule, Hours>();

function toHours(schedule: Schedule, openWithoutRules: boolean): Hours {
  const known = hoursBySchedule.get(schedule);
  if (known) return known;
  const days = new Map<string, DayMinutes>();
  const hours = (day: string): DayMinutes => {
    const minutes = days.get(day) ?? toDayMinutes(schedule, openWithoutRules, day);
    days.set(day, minutes);
    return minutes;
  };
  hoursBySchedule.set(schedule, hours);
  return hours;
}

function toDayMinutes({ rules, exceptions }: Schedule, openWithoutRules: boolean, day: string): DayMinutes {
  const weekday = Temporal.PlainDate.from(day).dayOfWeek;
  const open = new Array<boolean>(1_440).fill(openWithoutRules && rules.length === 0);
  const closed = new Array<boolean>(1_440).fill(false);
  for (const rule of rules) {
    if (rule.weekday !== weekday) continue;
    if (rule.validFrom && day < rule.validFrom) continue;
    if (rule.validTo && day > rule.validTo) continue;
    for (let minute = rule.startMinute; minute < rule.endMinute; minute++) open[minute] = true;
  }
  for (const { kind, from, to, startMinute, endMinute } of exceptions) {
    if (day < from || day > to) continue;
    const minutes = kind === 'OPEN' ? open : closed;
    for (let minute = startMinute ?? 0; minute < (endMinute ?? 1_440); minute++) minutes[minute] = true;
  }
  return { open, closed };
}

/* ---- Arbitraries: random queries ---- */

/** A zone and a UTC day on which clocks change, around which everything happens. */
const PLACES: [zone: string, day: string][] = [
  ['America/New_York', '2026-03-08'],
  ['America/New_York', '2026-11-01'],
  ['Europe/London', '2026-10-25'],
  ['Asia/Beirut', '2026-03-29'],
  ['Africa/Cairo', '2026-04-24'],
  ['Africa/Cairo', '2026-10-29'],
  ['America/Havana', '2026-11-01'],
  ['Australia/Lord_Howe', '2026-04-05'],
  ['Australia/Lord_Howe', '2026-10-04'],
  ['Pacific/Apia', '2011-12-30'],
  ['America/St_Johns', '2010-11-07'],
  ['Africa/Casablanca', '2026-02-15'],
];
const STEADY_PLACES: [zone: string, day: string][] = [
  ['America/New_York', '2026-07-14'],
  ['Asia/Kolkata', '2026-03-29'],
  ['Pacific/Auckland', '2024-02-29'],
  ['UTC', '2026-12-31'],
];

/** Half of the days are such on which clocks change. */
const place = fc.oneof(fc.constantFrom(...PLACES), fc.constantFrom(...STEADY_PLACES));
const minuteOfDay = fc.oneof(
  fc.integer({ min: 0, max: 96 }).map((quarter) => quarter * 15),
  fc.integer({ min: 0, max: 1_440 }),
  fc.constantFrom(0, 60, 90, 120, 1_380, 1_440),
);
const nearby = { min: -2, max: 2 };

const dayNear = (day: string, offset: number): string => Temporal.PlainDate.from(day).add({ days: offset }).toString();

const rulesNear = (day: string): fc.Arbitrary<WeeklyHours[]> => {
  const validity = fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.integer(nearby).map((offset) => dayNear(day, offset)) },
  );
  const weekday = fc.integer(nearby).map((offset) => Temporal.PlainDate.from(dayNear(day, offset)).dayOfWeek);
  const rule = fc.record({
    weekday,
    startMinute: minuteOfDay,
    endMinute: minuteOfDay,
    validFrom: validity,
    validTo: validity,
  });
  return fc.array(rule.map(inOrder), { minLength: 2, maxLength: 8, size: 'max' });
};

/** Orders start and end of most rules. The others may end before they start and are then empty. */
const inOrder = <R extends { startMinute: number; endMinute: number }>(rule: R): R =>
  rule.startMinute % 7 === 0
    ? rule
    : {
        ...rule,
        startMinute: Math.min(rule.startMinute, rule.endMinute),
        endMinute: Math.max(rule.startMinute, rule.endMinute),
      };

const exceptionsNear = (day: string): fc.Arbitrary<HoursException[]> =>
  fc.array(
    fc
      .record({
        kind: fc.constantFrom('CLOSED' as const, 'OPEN' as const),
        first: fc.integer(nearby),
        days: fc.integer({ min: 0, max: 2 }),
        startMinute: fc.option(minuteOfDay, { freq: 4 }),
        endMinute: fc.option(minuteOfDay, { freq: 4 }),
      })
      .map(({ first, days, ...rest }) => ({ ...rest, from: dayNear(day, first), to: dayNear(day, first + days) })),
    { maxLength: 3 },
  );

const scheduleNear = (day: string): fc.Arbitrary<Schedule> =>
  fc.record({ rules: rulesNear(day), exceptions: exceptionsNear(day) });

/** Half of the doctors have more exceptions than a resource. */
const doctorScheduleNear = (day: string): fc.Arbitrary<Schedule> =>
  fc
    .tuple(scheduleNear(day), fc.oneof(fc.constant<HoursException[]>([]), exceptionsNear(day)))
    .map(([{ rules, exceptions }, more]) => ({ rules, exceptions: [...exceptions, ...more] }));

const busyNear = (centre: number): fc.Arbitrary<Range[]> =>
  fc.array(
    fc
      .tuple(
        fc.integer({ min: -36 * 60, max: 36 * 60 }),
        fc.integer({ min: 0, max: 240 }),
        fc.constantFrom(0, 0, 1, 30_000),
      )
      .map(([from, length, odd]) => ({
        start: centre + from * MINUTE + odd,
        end: centre + (from + length) * MINUTE + odd,
      })),
    { maxLength: 8 },
  );

/** Pools that share candidates: three resources, each in any of up to three pools, in any order. */
const poolsNear = (day: string, centre: number): fc.Arbitrary<Bookable[][]> => {
  const resource = fc.record({ schedule: fc.option(scheduleNear(day), { freq: 1 }), busy: busyNear(centre) });
  return fc.tuple(resource, resource, resource).chain((resources) => {
    const bookables = resources.map((own, index) => ({ ...own, id: `resource ${index}` }));
    const pool = fc.shuffledSubarray(bookables, { minLength: 1 });
    return fc.oneof(fc.constant<Bookable[][]>([]), fc.array(pool, { maxLength: 3 }));
  });
};

const termsOfAnyKind = fc.record({
  durationMinutes: fc.constantFrom(1, 10, 20, 30, 45, 60, 90, 180),
  bufferBeforeMinutes: fc.constantFrom(0, 0, 5, 15),
  bufferAfterMinutes: fc.constantFrom(0, 0, 10, 60),
  slotStepMinutes: fc.constantFrom(7, 10, 15, 20, 30, 45, 60, 90),
  minimumNoticeMinutes: fc.constantFrom(0, 0, 0, 30, 1_440, 2_880),
  horizonDays: fc.constantFrom(1, 2, 3, 90, 90, 90),
});

const query: fc.Arbitrary<SlotQuery> = place.chain(([zone, day]) => {
  const noon = Temporal.PlainDate.from(day).toZonedDateTime({ timeZone: 'UTC', plainTime: '12:00' }).epochMilliseconds;
  return fc.record({
    zone: fc.constant(Zone.of(zone)),
    terms: termsOfAnyKind,
    schedule: doctorScheduleNear(day),
    busy: busyNear(noon),
    pools: poolsNear(day, noon),
    window: windowNear(noon),
    now: nowNear(noon),
  });
});

/** Half of them on a whole minute, where the notice ends at the very start of a slot. */
const nowNear = (noon: number): fc.Arbitrary<number> =>
  fc
    .tuple(fc.integer({ min: -4 * 96, max: -48 }), fc.constantFrom(0, 0, 1, 61_500))
    .map(([quarters, odd]) => noon + quarters * 15 * MINUTE + odd);

const windowNear = (noon: number): fc.Arbitrary<Range> =>
  fc
    .tuple(
      fc.integer({ min: -40 * 60, max: 12 * 60 }),
      fc.integer({ min: 0, max: 36 * 60 }),
      fc.constantFrom(0, 0, 1, 40_000),
    )
    .map(([from, length, odd]) => ({
      start: noon + from * MINUTE + odd,
      end: noon + (from + length) * MINUTE + odd,
    }));

/** Whole minutes, with some hours before the window (the clock may have gone back) and after it (the longest service). */
const toScanRange = ({ window }: SlotQuery): Range => ({
  start: Math.floor((window.start - SCAN_MARGIN) / MINUTE) * MINUTE,
  end: window.end + SCAN_MARGIN,
});

const createOracle = (drawn: SlotQuery): Oracle => new Oracle(drawn, toScanRange(drawn));

describe('Availability compared with a slow reference implementation', () => {
  it('lists exactly the slots that every rule allows, minute by minute', () => {
    fc.assert(
      fc.property(query, (drawn) => {
        expect(listSlots(drawn)).toEqual(createOracle(drawn).slots());
      }),
      { numRuns: rounds(150, 400) },
    );
  });

  it('returns the right reason for every fifth minute, and null exactly for the slots of an empty calendar', () => {
    fc.assert(
      fc.property(query, (drawn) => {
        const free = { ...drawn, busy: [], pools: [] };
        const oracle = createOracle(free);
        const listed = new Set(listSlots(free).map(({ start }) => start));
        const first = Math.ceil(drawn.window.start / MINUTE) * MINUTE;
        for (let ms = first; ms < drawn.window.end; ms += 5 * MINUTE) {
          const reason = whyNotBookable(free, ms);
          if (reason !== oracle.reason(ms)) expect([ms, reason]).toEqual([ms, oracle.reason(ms)]);
          if ((reason === null) !== listed.delete(ms)) expect([ms, reason]).toEqual([ms, 'as listed']);
        }
        for (const ms of listed) expect([ms, whyNotBookable(free, ms)]).toEqual([ms, null]);
      }),
      { numRuns: 150 },
    );
  });

  it('allows no start between whole minutes', () => {
    fc.assert(
      fc.property(query, fc.integer({ min: 1, max: MINUTE - 1 }), (drawn, odd) => {
        for (const { start } of listSlots(drawn)) expect(whyNotBookable(drawn, start + odd)).not.toBeNull();
      }),
      { numRuns: 150 },
    );
  });

  it('assigns different free and open resources to the pools whenever that is possible', () => {
    fc.assert(
      fc.property(query, (drawn) => {
        const oracle = createOracle(drawn);
        const { terms, window, pools, zone } = drawn;
        for (let start = toScanRange(drawn).start + SCAN_MARGIN; start < window.end; start += 37 * MINUTE) {
          const visit = { start, end: start + terms.durationMinutes * MINUTE };
          const reserved = {
            start: visit.start - terms.bufferBeforeMinutes * MINUTE,
            end: visit.end + terms.bufferAfterMinutes * MINUTE,
          };
          const picked = assignResources(pools, visit, reserved, zone);
          expect(picked === null).toBe(oracle.pick(visit) === null);
          if (picked) expect(oracle.pick(visit, pools.map(only(picked)))).toEqual(picked);
        }
      }),
      { numRuns: 100 },
    );
  });
});

const only =
  (picked: string[]) =>
  (pool: Bookable[], index: number): Bookable[] =>
    pool.filter(({ id }) => id === picked[index]);

describe('Availability of any query', () => {
  it('is ascending and without duplicates', () => {
    fc.assert(
      fc.property(query, (drawn) => {
        const starts = listSlots(drawn).map(({ start }) => start);
        expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
      }),
      { numRuns: 200 },
    );
  });

  it('is the same for one window as for its two parts', () => {
    fc.assert(
      fc.property(query, fc.double({ min: 0, max: 1, noNaN: true }), (drawn, share) => {
        const { start, end } = drawn.window;
        const cut = Math.floor(start + (end - start) * share);
        const parts = [
          { start, end: cut },
          { start: cut, end },
        ];
        expect(parts.flatMap((window) => listSlots({ ...drawn, window }))).toEqual(listSlots(drawn));
      }),
      { numRuns: 200 },
    );
  });

  it('starts with the result of a search for the first slots', () => {
    fc.assert(
      fc.property(query, fc.integer({ min: 0, max: 5 }), (drawn, limit) => {
        expect(listSlots(drawn, limit)).toEqual(listSlots(drawn).slice(0, limit));
      }),
      { numRuns: 200 },
    );
  });

  it('does not depend on the order of hours and busy ranges, and does not modify its input', () => {
    fc.assert(
      fc.property(query, (drawn) => {
        const before = JSON.stringify(drawn);
        const { rules, exceptions } = drawn.schedule;
        const schedule = { rules: [...rules].reverse(), exceptions: [...exceptions].reverse() };
        expect(listSlots({ ...drawn, schedule, busy: [...drawn.busy].reverse() })).toEqual(listSlots(drawn));
        expect(JSON.stringify(drawn)).toBe(before);
      }),
      { numRuns: 200 },
    );
  });

  it('returns as nearest slots the first ones sorted by distance', () => {
    const slots = fc.array(fc.integer({ min: 0, max: 40 }).map((start) => ({ start, end: start + 1 })));
    fc.assert(
      fc.property(slots, fc.integer({ min: -5, max: 45 }), fc.integer({ min: 0, max: 6 }), (drawn, wanted, count) => {
        const distance = ({ start }: Range): number => Math.abs(start - wanted);
        const sorted = [...drawn].sort((a, b) => distance(a) - distance(b) || a.start - b.start);
        expect(nearestSlots(drawn, wanted, count)).toEqual(sorted.slice(0, count));
      }),
      { numRuns: 300 },
    );
  });
});
