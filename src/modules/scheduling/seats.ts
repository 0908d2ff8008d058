import type { Zone } from '../../core/kernel/zone.js';
import { Calendar, MIDNIGHT } from './calendar.js';
import type { Bookable, Schedule, WeeklyRule } from './slot-query.js';
import { BusyTime, OpenTime } from './walked-times.js';

const UNSEATED = -1;

/** A resource that may be picked. Its times are worked out when it is first asked for. */
class Candidate {
  readonly id: string;
  /** The pool that it is picked for, and the round of the search that last looked at it. */
  pool = UNSEATED;
  round = 0;
  #busy: BusyTime | null = null;
  #open: OpenTime | null = null;

  constructor(
    readonly bookable: Bookable,
    readonly zone: Zone,
  ) {
    this.id = bookable.id;
  }

  isFree(start: number, end: number, takenFrom: number, takenTo: number): boolean {
    this.#busy ??= new BusyTime(this.bookable.busy);
    return !this.#busy.overlaps(takenFrom, takenTo) && this.#isOpen(start, end);
  }

  #isOpen(start: number, end: number): boolean {
    const { schedule } = this.bookable;
    if (!schedule || (schedule.rules.length === 0 && schedule.exceptions.length === 0)) return true;
    this.#open ??= new OpenTime(this.zone, new Calendar(withHours(schedule)));
    return this.#open.covers(start, end);
  }
}

const EVERY_DAY: WeeklyRule[] = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
  weekday,
  startMinute: 0,
  endMinute: MIDNIGHT,
}));

/** A room that is shut for a day's repair is not thereby shut on all others. */
const withHours = ({ rules, exceptions }: Schedule): Schedule => ({
  rules: rules.length > 0 ? rules : EVERY_DAY,
  exceptions,
});

/** Picks a different free candidate for each pool: a bipartite matching by augmenting paths. */
export class Seats {
  readonly #pools: Candidate[][];
  readonly #candidates: Candidate[];
  #round = 0;

  constructor(pools: Bookable[][], zone: Zone) {
    const byId = new Map<string, Candidate>();
    this.#pools = pools.map((pool) => pool.map((bookable) => candidateOf(bookable, zone, byId)));
    this.#candidates = [...byId.values()];
  }

  /** Questions come in ascending order of start. */
  assign(start: number, end: number, takenFrom: number, takenTo: number): boolean {
    for (const candidate of this.#candidates) candidate.pool = UNSEATED;
    const isFree = (candidate: Candidate): boolean => candidate.isFree(start, end, takenFrom, takenTo);
    for (let pool = 0; pool < this.#pools.length; pool++) {
      this.#round++;
      if (!this.#seat(pool, isFree)) return false;
    }
    return true;
  }

  /** The picked ones of the last `assign`, by pool. */
  ids(): string[] {
    const ids: string[] = [];
    for (const { id, pool } of this.#candidates) if (pool !== UNSEATED) ids[pool] = id;
    return ids;
  }

  /** A candidate that another pool holds is taken over where that pool finds another. */
  #seat(pool: number, isFree: (candidate: Candidate) => boolean): boolean {
    for (const candidate of this.#pools[pool] as Candidate[]) {
      if (candidate.round === this.#round || !isFree(candidate)) continue;
      candidate.round = this.#round;
      if (candidate.pool !== UNSEATED && !this.#seat(candidate.pool, isFree)) continue;
      candidate.pool = pool;
      return true;
    }
    return false;
  }
}

function candidateOf(bookable: Bookable, zone: Zone, byId: Map<string, Candidate>): Candidate {
  const known = byId.get(bookable.id);
  if (known) return known;
  const candidate = new Candidate(bookable, zone);
  byId.set(bookable.id, candidate);
  return candidate;
}
