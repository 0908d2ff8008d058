import type { Pool } from 'pg';
import { performance } from 'node:perf_hooks';
import type { Step } from './footprint.js';
import type { Session } from './session.js';

/** A session that can send its next statement. */
export interface Candidate {
  session: number;
  text: string;
  step: Step;
}

/** Chooses one of at least one candidates. @returns its index in the list */
export type Choose = (candidates: readonly Candidate[]) => number;

export interface Run<T> {
  results: T[];
  /** The statements in the order in which they were sent. */
  schedule: { session: number; text: string }[];
}

/** On an idle machine, a statement without a result after this time waits for a lock. If it does not, only a query of PostgreSQL's locks is wasted. */
const LOOK_AFTER_MILLISECONDS = 3;
const GIVE_UP_AFTER_MILLISECONDS = 60_000;

/**
 * Runs one operation in each session. Whenever every session has ended, waits for a lock or has a statement to send, `choose`
 * decides which statement is sent next.
 * @param monitor reads which backends wait for others, on connections of its own
 */
export async function runSchedule<T>(
  monitor: Pool,
  sessions: readonly Session[],
  operations: readonly (() => Promise<T>)[],
  choose: Choose,
): Promise<Run<T>> {
  const schedule: Run<T>['schedule'] = [];
  const answers = Promise.all(sessions.map((session, index) => session.run(operations[index] as () => Promise<T>)));
  answers.catch(() => undefined);
  for (;;) {
    const candidates = await findCandidates(monitor, sessions, schedule);
    if (candidates.length === 0) return { results: await answers, schedule };
    const { session, text } = candidates[choose(candidates)] as Candidate;
    schedule.push({ session, text });
    if (sessions[session]?.sendNext()) wakeOthers(sessions, session);
  }
}

/** Empty at the end. */
async function findCandidates(
  monitor: Pool,
  sessions: readonly Session[],
  schedule: Run<unknown>['schedule'],
): Promise<Candidate[]> {
  const deadline = performance.now() + GIVE_UP_AFTER_MILLISECONDS;
  for (;;) {
    await settle(monitor, sessions, deadline);
    const candidates = toCandidates(sessions, ({ waitsForScheduleLock }) => !waitsForScheduleLock);
    if (candidates.length > 0) return candidates;
    if (sessions.every(({ hasEnded }) => hasEnded)) return [];
    // All wait for each other: PostgreSQL ends the deadlock, or the lock of the clinic's schedule was released without a statement.
    const retries = toCandidates(sessions, () => true);
    if (retries.length > 0) return retries;
    if (performance.now() > deadline) throw new Error(`The sessions stand still after\n${printSchedule(schedule)}`);
    await Promise.race(sessions.map((session) => session.changed(LOOK_AFTER_MILLISECONDS)));
  }
}

const toCandidates = (sessions: readonly Session[], accepts: (session: Session) => boolean): Candidate[] =>
  sessions.flatMap((session, index) => {
    const text = session.next;
    return text !== null && accepts(session) ? [{ session: index, text, step: session.nextStep }] : [];
  });

/** The lock that a booking found may be free now: it sends its statement again. */
function wakeOthers(sessions: readonly Session[], ended: number): void {
  for (const [index, session] of sessions.entries()) if (index !== ended) session.waitsForScheduleLock = false;
}

/** Waits until no session does anything by itself. */
async function settle(monitor: Pool, sessions: readonly Session[], deadline: number): Promise<void> {
  for (;;) {
    const busy = sessions.filter(isBusy);
    if (busy.length === 0) return;
    if (!(await Promise.race(busy.map((session) => session.changed(LOOK_AFTER_MILLISECONDS))))) {
      const blocked = await findBlocked(monitor, sessions);
      const isWaiting = ({ runningPids }: Session): boolean =>
        runningPids.length > 0 && runningPids.every((pid) => blocked.has(pid));
      if (sessions.filter(isBusy).every(isWaiting)) return;
    }
    if (performance.now() > deadline) return;
  }
}

const isBusy = (session: Session): boolean =>
  !session.hasEnded && (session.runningPids.length > 0 || (session.next === null && !session.waitsForScheduleLock));

/** The backends of these sessions that wait for a lock which another backend has, or has asked for earlier. */
async function findBlocked(monitor: Pool, sessions: readonly Session[]): Promise<Set<number>> {
  const pids = sessions.flatMap(({ runningPids }) => runningPids);
  const { rows } = await monitor.query<{ pid: number }>(
    'SELECT pid FROM unnest($1::int[]) AS pid WHERE cardinality(pg_blocking_pids(pid)) > 0',
    [pids],
  );
  return new Set(rows.map(({ pid }) => pid));
}

export const printSchedule = (schedule: Run<unknown>['schedule']): string =>
  schedule.map(({ session, text }) => `  ${'ABC'[session]}: ${text.replace(/\s+/g, ' ').slice(0, 120)}`).join('\n');
