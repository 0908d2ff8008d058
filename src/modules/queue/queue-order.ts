/** Where a patient of the queue is. Patients who have cancelled, left or whose check-in was undone are in no queue. */
const QUEUE_STATUSES = ['WAITING', 'CALLED', 'IN_ROOM', 'DONE'] as const;
export type QueueStatus = (typeof QUEUE_STATUSES)[number];

/** Patients who arrive later than this after their time are late. */
const LATE_AFTER_MILLISECONDS = 10 * 60_000;

/** What decides about the order of waiting patients. Instants in epoch milliseconds. */
export interface Place {
  number: number;
  arrivedAt: number;
  /** Null for a walk-in without a time. */
  startAt: number | null;
  /** Set by a move. */
  sortAt: number | null;
  sortTie: number | null;
}

/** The place after a move. */
export interface MovedPlace {
  sortAt: number;
  sortTie: number;
}

/** Compares waiting patients: who is called first comes first. */
export function comparePlaces(a: Place, b: Place): number {
  const [first, second] = [toKey(a), toKey(b)];
  return first.sortAt - second.sortAt || first.sortTie - second.sortTie || a.number - b.number;
}

/**
 * The place directly before another one, or after all: with the time of that one, and a tie in the middle between it and the one before.
 * A double can be halved about fifty times; after that many moves to the same place, the numbers decide.
 * @param others in their order
 * @param before one of them; null for the end
 * @param own the current place
 */
export function placeBefore(others: readonly Place[], before: Place | null, own: Place): MovedPlace {
  const last = others.at(-1);
  if (!last) return toKey(own);
  if (!before) return { sortAt: toKey(last).sortAt, sortTie: toKey(last).sortTie + 1 };
  const { sortAt, sortTie } = toKey(before);
  const previous = others[others.indexOf(before) - 1];
  if (!previous || toKey(previous).sortAt !== sortAt) return { sortAt, sortTie: sortTie - 1 };
  return { sortAt, sortTie: (toKey(previous).sortTie + sortTie) / 2 };
}

const toKey = (place: Place): MovedPlace => ({
  sortAt: place.sortAt ?? getDueTime(place),
  sortTie: place.sortTie ?? place.number,
});

/**
 * The time by which patients are ordered: the planned start of those who are early or on time, so that coming early gains nothing;
 * the arrival of those who are late, who wait behind those whose time it is, and of those without a time.
 */
function getDueTime({ startAt, arrivedAt }: Place): number {
  if (startAt === null) return arrivedAt;
  return arrivedAt > startAt + LATE_AFTER_MILLISECONDS ? arrivedAt : startAt;
}
