/** Free slots of one doctor, as an expert would write them by hand. It shares no code with CareSlot. */

export interface AvailabilityRow {
  timeZone: string;
  duration: number;
  before: number;
  after: number;
  step: number;
  notice: number;
  horizonDays: number;
  kinds: string[];
  resources: Resource[];
}

interface Resource {
  kind: string;
  rules: [weekday: number, start: number, end: number, from: string | null, to: string | null][] | null;
  exceptions: [kind: string, from: string, to: string, start: number | null, end: number | null][] | null;
  busy: [start: number, end: number][] | null;
}

type Span = [start: number, end: number];

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<number, number>>();

/** Returns the zone's offset from UTC in milliseconds; cached by quarter of an hour. */
function offsetAt(zone: string, instant: number): number {
  let known = offsets.get(zone);
  if (!known) offsets.set(zone, (known = new Map()));
  const quarter = Math.floor(instant / (15 * MINUTE));
  let offset = known.get(quarter);
  if (offset === undefined) known.set(quarter, (offset = readOffset(zone, instant)));
  return offset;
}

function readOffset(zone: string, instant: number): number {
  let format = formats.get(zone);
  if (!format)
    formats.set(zone, (format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })));
  const name = format.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
  return sign ? (sign === '-' ? -1 : 1) * (Number(hours) * HOUR + Number(minutes) * MINUTE) : 0;
}

/** Returns the instants of a local time: none if it is skipped, two if it is repeated. */
function getInstants(zone: string, wall: number): number[] {
  const [early, late] = [offsetAt(zone, wall - DAY), offsetAt(zone, wall + DAY)];
  if (early === late) return [wall - early];
  return [wall - Math.max(early, late), wall - Math.min(early, late)].filter((t) => t + offsetAt(zone, t) === wall);
}

const toText = (day: number): string => new Date(day).toISOString().slice(0, 10);
const localDay = (zone: string, instant: number): number => Math.floor((instant + offsetAt(zone, instant)) / DAY) * DAY;
const getWeekday = (day: number): number => ((day / DAY + 3) % 7) + 1;
/** Returns the first instant at or after a local time; for a skipped time, the end of the gap. */
const boundary = (zone: string, wall: number): number =>
  getInstants(zone, wall)[0] ?? wall - offsetAt(zone, wall - DAY);

function getWindows({ rules, exceptions }: Resource, day: number): Span[] {
  const text = toText(day);
  const weekday = getWeekday(day);
  const windows: Span[] = [];
  for (const [on, start, end, from, to] of rules ?? []) {
    if (on === weekday && (!from || from <= text) && (!to || text <= to)) windows.push([start, end]);
  }
  for (const [kind, from, to, start, end] of exceptions ?? []) {
    if (kind === 'OPEN' && from <= text && text <= to) windows.push([start ?? 0, end ?? 1440]);
  }
  return merged(windows);
}

function getClosures({ exceptions }: Resource, day: number): Span[] {
  const text = toText(day);
  return (exceptions ?? [])
    .filter(([kind, from, to]) => kind === 'CLOSED' && from <= text && text <= to)
    .map(([, , , start, end]) => [start ?? 0, end ?? 1440]);
}

function merged(spans: Span[]): Span[] {
  const result: Span[] = [];
  for (const [start, end] of spans.sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else result.push([start, end]);
  }
  return result;
}

const getSpans = (zone: string, days: number[], getMinutes: (day: number) => Span[]): Span[] =>
  merged(
    days.flatMap((day) =>
      getMinutes(day).map(([start, end]): Span => [
        boundary(zone, day + start * MINUTE),
        boundary(zone, day + end * MINUTE),
      ]),
    ),
  );

const overlaps = (spans: Span[], start: number, end: number): boolean =>
  spans.some(([from, to]) => from < end && start < to);
const contains = (spans: Span[], start: number, end: number): boolean =>
  spans.some(([from, to]) => from <= start && end <= to);

/** Returns a function that checks whether a time overlaps the sorted spans. It must be called with ascending times. */
function createOverlapCheck(spans: Span[]): (start: number, end: number) => boolean {
  let at = 0;
  return (start, end) => {
    while ((spans[at]?.[1] ?? Infinity) <= start) at += 1;
    return (spans[at]?.[0] ?? Infinity) < end;
  };
}

/** Returns the slot grid of one local day as instants; without a clock change this is simple arithmetic. */
function getGrid(zone: string, day: number, windows: Span[], step: number): number[] {
  const offset = offsetAt(zone, day - DAY);
  const isSteady = offset === offsetAt(zone, day + 2 * DAY);
  const starts: number[] = [];
  for (const [first, last] of windows) {
    for (let minute = first; minute < last; minute += step) {
      const wall = day + minute * MINUTE;
      if (isSteady) starts.push(wall - offset);
      else starts.push(...getInstants(zone, wall));
    }
  }
  return isSteady ? starts : starts.sort((a, b) => a - b);
}

/**
 * Returns the free start times on the local days `from` to `to` (both included, as UTC midnights) in epoch milliseconds.
 * It considers the doctor's hours and closures, notice, horizon, busy times with buffers, and a free room if the service needs one.
 */
export function freeStarts(row: AvailabilityRow, from: number, to: number, now: number): number[] {
  const { timeZone: zone, duration, before, after, step, notice, horizonDays, kinds } = row;
  const doctor = row.resources.find(({ kind }) => kind === 'PERSONNEL');
  if (!doctor) return [];
  const days: number[] = [];
  for (let day = from - DAY; day <= to + DAY; day += DAY) days.push(day);
  const open = getSpans(zone, days, (day) => getWindows(doctor, day));
  const closed = getSpans(zone, days, (day) => getClosures(doctor, day));
  const rooms = kinds.map((kind) => row.resources.filter((resource) => resource.kind === kind));
  const roomClosures = new Map(
    rooms.flat().map((room) => [room, getSpans(zone, days, (day) => getClosures(room, day))]),
  );
  const earliest = now + notice * MINUTE;
  const lastDay = localDay(zone, now) + horizonDays * DAY;
  const isBusy = createOverlapCheck(doctor.busy ?? []);
  const pools = rooms.map((pool) =>
    pool.map((room) => ({ isBusy: createOverlapCheck(room.busy ?? []), closed: roomClosures.get(room) ?? [] })),
  );
  const starts: number[] = [];
  for (let day = from; day <= Math.min(to, lastDay); day += DAY) {
    for (const start of getGrid(zone, day, getWindows(doctor, day), step)) {
      const end = start + duration * MINUTE;
      if (start < earliest || !contains(open, start, end) || overlaps(closed, start, end)) continue;
      const [begins, ends] = [start - before * MINUTE, end + after * MINUTE];
      if (isBusy(begins, ends)) continue;
      if (
        pools.every((pool) => pool.some((room) => !room.isBusy(begins, ends) && !overlaps(room.closed, start, end)))
      ) {
        starts.push(start);
      }
    }
  }
  return starts;
}

/** More than the largest offset from UTC, 14 hours. */
const MAX_OFFSET = 15 * HOUR;

/** Returns a time that contains the local days `from` to `to` of every time zone, and a day before and after them. */
export const getQueryWindow = (from: number, to: number): Span => [
  from - MAX_OFFSET - DAY,
  to + DAY + MAX_OFFSET + DAY,
];
