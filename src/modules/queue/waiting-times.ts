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
 * the day's pace, a group session once for all of its patients. Nobody with a time is called before it, and a walk-in without a time
 * waits for a gap between reserved times.
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
  const inStatus = (status: QueueStatus): QueuedVisit[] => visits.filter((visit) => visit.status === status);
  const scheduled = new ScheduledVisits(now, expected);
  for (const visit of inStatus('IN_ROOM')) scheduled.addStarted(visit);
  for (const visit of inStatus('CALLED')) scheduled.add(visit, now);
  const firstGap = scheduled.end;

  const begins = new Map<string, number>();
  const inQueue = new Set(visits.map(({ appointmentId }) => appointmentId));
  const taken: Range[] = reserved.filter(({ appointmentId }) => !inQueue.has(appointmentId));
  const isScheduled = (visit: QueuedVisit): boolean => visit.startAt !== null || visit.wasMoved;
  for (const visit of inStatus('WAITING').filter(isScheduled)) {
    const begin = scheduled.add(visit, visit.wasMoved ? now : (visit.startAt ?? now));
    begins.set(visit.id, begin);
    taken.push({ start: begin, end: begin + expected(visit) });
  }
  for (const visit of inStatus('WAITING').filter((one) => !isScheduled(one))) {
    // The booking needs the planned time, however long the visits of today take. The service's buffers are not considered.
    const begin = findGap(taken, firstGap, visit.plannedMinutes * MINUTE);
    begins.set(visit.id, begin);
    taken.push({ start: begin, end: begin + expected(visit) });
  }
  return new Map([...begins].map(([id, begin]) => [id, Math.ceil((begin - now) / MINUTE)]));
}

/** The visits one after the other; the patients of a group session share its time. */
class ScheduledVisits {
  /** When the visits added so far are expected to be over. */
  end: number;
  private readonly sessions = new Map<string, number>();

  constructor(
    private readonly now: number,
    private readonly expected: (visit: QueuedVisit) => number,
  ) {
    this.end = now;
  }

  /** Adds a visit that has started. Patients who are late for a group session can join it now. */
  addStarted(visit: QueuedVisit): void {
    this.end = Math.max(this.end, (visit.startedAt ?? this.now) + this.expected(visit));
    if (visit.groupId !== null) this.sessions.set(visit.groupId, this.now);
  }

  /** Adds a visit after the others. @param from the earliest begin @returns the expected begin */
  add(visit: QueuedVisit, from: number): number {
    const session = visit.groupId === null ? undefined : this.sessions.get(visit.groupId);
    if (session !== undefined) return session;
    const begin = Math.max(this.end, from);
    if (visit.groupId !== null) this.sessions.set(visit.groupId, begin);
    this.end = begin + this.expected(visit);
    return begin;
  }
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
