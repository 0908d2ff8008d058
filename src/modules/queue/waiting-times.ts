import type { QueueStatus } from './queue-order.js';

const MINUTE = 60_000;
/** A visit that nobody completed in time must not distort the day's pace. */
const [MIN_PACE, MAX_PACE] = [0.25, 4];

/** A patient of one doctor's queue. Instants in epoch milliseconds. */
export interface QueuedVisit {
  id: string;
  status: QueueStatus;
  appointmentId: string | null;
  /** Null for a visit of one patient. */
  groupId: string | null;
  /** Null for a walk-in without a time. */
  startAt: number | null;
  plannedMinutes: number;
  startedAt: number | null;
  completedAt: number | null;
  wasMoved: boolean;
}

/** A time that is reserved of the doctor. */
export interface ReservedTime {
  /** The appointment, or the hold. */
  appointmentId: string;
  start: number;
  end: number;
}

type Range = Pick<ReservedTime, 'start' | 'end'>;

/**
 * Estimates when the waiting patients of one doctor are called, by going through the queue: each visit takes its planned duration times
 * the day's pace. Nobody with a time is called before it, and a walk-in without a time waits for a gap between reserved times.
 * @param visits in the order of the queue
 * @returns whole minutes from now, by the id of the entry
 */
export function estimateWaits(
  visits: readonly QueuedVisit[],
  reserved: readonly ReservedTime[],
  now: number,
): Map<string, number> {
  const pace = getPace(visits);
  const expected = ({ plannedMinutes }: QueuedVisit): number => plannedMinutes * MINUTE * pace;
  let free = now;
  for (const visit of visits)
    if (visit.status === 'IN_ROOM') free = Math.max(free, (visit.startedAt ?? now) + expected(visit));
  for (const visit of visits) if (visit.status === 'CALLED') free += expected(visit);
  const roomFree = free;

  const begins = new Map<string, number>();
  const sessions = new Map<string, number>();
  const inQueue = new Set(visits.map(({ appointmentId }) => appointmentId));
  const taken: Range[] = reserved.filter(({ appointmentId }) => !inQueue.has(appointmentId));
  const waiting = visits.filter(({ status }) => status === 'WAITING');
  const hasTurn = (visit: QueuedVisit): boolean => visit.startAt !== null || visit.wasMoved;
  for (const visit of waiting.filter(hasTurn)) {
    const session = visit.groupId === null ? undefined : sessions.get(visit.groupId);
    const begin = session ?? Math.max(free, visit.wasMoved ? free : (visit.startAt ?? free));
    begins.set(visit.id, begin);
    if (session !== undefined) continue;
    if (visit.groupId !== null) sessions.set(visit.groupId, begin);
    free = begin + expected(visit);
    taken.push({ start: begin, end: free });
  }
  for (const visit of waiting.filter((one) => !hasTurn(one))) {
    const begin = findGap(taken, roomFree, visit.plannedMinutes * MINUTE);
    begins.set(visit.id, begin);
    taken.push({ start: begin, end: begin + expected(visit) });
  }
  return new Map([...begins].map(([id, begin]) => [id, Math.ceil((begin - now) / MINUTE)]));
}

/** How long the completed visits of the day took, compared with their planned durations; 1 if none is completed. */
function getPace(visits: readonly QueuedVisit[]): number {
  let [real, planned] = [0, 0];
  for (const { startedAt, completedAt, plannedMinutes } of visits) {
    if (startedAt === null || completedAt === null) continue;
    real += completedAt - startedAt;
    planned += plannedMinutes * MINUTE;
  }
  return planned === 0 ? 1 : Math.min(Math.max(real / planned, MIN_PACE), MAX_PACE);
}

/** The first instant from which the length is not taken. */
function findGap(taken: readonly Range[], from: number, length: number): number {
  let begin = from;
  for (const { start, end } of [...taken].sort((a, b) => a.start - b.start)) {
    if (start >= begin + length) break;
    begin = Math.max(begin, end);
  }
  return begin;
}
