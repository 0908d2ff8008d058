import { parseMinutes } from '../../neuroaid/index.js';
import type { Fields } from '../fields.js';
import type { WeeklyHours } from '../legacy-data.js';

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** ISO: Monday is 1. Null for other words. Three letters are enough. */
function toWeekday(name: string): number | null {
  const short = name.trim().toLowerCase().slice(0, 3);
  const index = WEEKDAYS.findIndex((day) => day.startsWith(short));
  return short.length < 3 || index === -1 ? null : index + 1;
}

const MINUTES_PER_DAY = 1_440;

const toClock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/** @returns nothing for hours that are no times, or end before they begin */
function toHours(weekday: number | null, start: string | null, end: string | null): WeeklyHours[] {
  const from = parseMinutes(start ?? '');
  const to = end === '24:00' || end === '00:00' ? MINUTES_PER_DAY : parseMinutes(end ?? '');
  if (weekday === null || from === null || to === null || from >= to) return [];
  return [{ weekday, start: toClock(from), end: toClock(to) }];
}

const toTexts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** `["Sunday", "Monday"]` and `9:00 AM - 5:00 PM`, as in the documents of NeuroAid. */
export function readDaysAndHours(fields: Fields): WeeklyHours[] {
  const [start = null, end = null] = (fields.text('workingHours') ?? '').split(/\s*[-–]\s*/);
  return toTexts(fields.raw('availableDays', 'workingDays')).flatMap((day) => toHours(toWeekday(day), start, end));
}

/** The `availability` of a schedule of Cal.com. */
export function readAvailability(schedule: Fields | null): WeeklyHours[] {
  const entries = schedule?.objects('availability') ?? [];
  return entries.flatMap((entry) =>
    toTexts(entry.raw('days')).flatMap((day) =>
      toHours(toWeekday(day), entry.text('startTime'), entry.text('endTime')),
    ),
  );
}

/** The `workingPlan` of a provider of Easy!Appointments: hours with breaks for each day. */
export function readWorkingPlan(plan: Fields | null): WeeklyHours[] {
  return WEEKDAYS.flatMap((name) => {
    const day = plan?.object(name);
    if (!day) return [];
    const breaks = day.objects('breaks').map((pause) => ({ start: pause.text('start'), end: pause.text('end') }));
    breaks.sort((a, b) => (a.start ?? '').localeCompare(b.start ?? ''));
    const starts = [day.text('start'), ...breaks.map(({ end }) => end)];
    const ends = [...breaks.map(({ start }) => start), day.text('end')];
    return starts.flatMap((start, index) => toHours(toWeekday(name), start, ends[index] ?? null));
  });
}
