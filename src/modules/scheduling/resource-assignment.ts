import type { Zone } from '../../core/kernel/zone.js';
import { Calendar, MINUTES_PER_DAY } from './calendar.js';
import type { Range } from './ranges.js';
import type { Bookable, Schedule, WeeklyHours } from './slot-query.js';
import { BusyCursor, OpenHoursCursor } from './interval-cursor.js';

const UNASSIGNED = -1;

/** A resource that may be assigned. Its busy and open times are computed on first use. */
class Candidate {
  readonly id: string;
  /** The pool that it is assigned to, and the last search that visited it. */
  pool = UNASSIGNED;
  visitedIn = 0;
  #busy: BusyCursor | null = null;
  #open: OpenHoursCursor | null = null;

  constructor(
    readonly bookable: Bookable,
    readonly zone: Zone,
  ) {
    this.id = bookable.id;
  }

  isFree(visit: Range, reserved: Range): boolean {
    this.#busy ??= new BusyCursor(this.bookable.busy);
    return !this.#busy.overlaps(reserved.start, reserved.end) && this.#isOpen(visit);
  }

  #isOpen({ start, end }: Range): boolean {
    const { schedule } = this.bookable;
    if (!schedule || (schedule.rules.length === 0 && schedule.exceptions.length === 0)) return true;
    this.#open ??= new OpenHoursCursor(this.zone, new Calendar(withDefaultHours(schedule)));
    return this.#open.covers(start, end);
  }
}

const EVERY_DAY: WeeklyHours[] = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
  weekday,
  startMinute: 0,
  endMinute: MINUTES_PER_DAY,
}));

/** A resource without weekly hours is open all day, except during its closures. */
const withDefaultHours = ({ rules, exceptions }: Schedule): Schedule => ({
  rules: rules.length > 0 ? rules : EVERY_DAY,
  exceptions,
});

/** Assigns a different free candidate to each pool: bipartite matching with augmenting paths. */
export class ResourceAssignment {
  readonly #pools: Candidate[][];
  readonly #candidates: Candidate[];
  #search = 0;

  constructor(pools: Bookable[][], zone: Zone) {
    const byId = new Map<string, Candidate>();
    this.#pools = pools.map((pool) => pool.map((bookable) => getCandidate(bookable, zone, byId)));
    this.#candidates = [...byId.values()];
  }

  /**
   * Call it in ascending order of start.
   * @param visit the range in which the resources must be open
   * @param reserved the range in which they must be free
   */
  assign(visit: Range, reserved: Range): boolean {
    for (const candidate of this.#candidates) candidate.pool = UNASSIGNED;
    const isFree = (candidate: Candidate): boolean => candidate.isFree(visit, reserved);
    for (let pool = 0; pool < this.#pools.length; pool++) {
      this.#search++;
      if (!this.#assignPool(pool, isFree)) return false;
    }
    return true;
  }

  /** The ids that the last `assign` chose, in the order of the pools. */
  ids(): string[] {
    const ids: string[] = [];
    for (const { id, pool } of this.#candidates) if (pool !== UNASSIGNED) ids[pool] = id;
    return ids;
  }

  /** Reassigns a candidate of another pool if that pool can use a different one. */
  #assignPool(pool: number, isFree: (candidate: Candidate) => boolean): boolean {
    for (const candidate of this.#pools[pool] as Candidate[]) {
      if (candidate.visitedIn === this.#search || !isFree(candidate)) continue;
      candidate.visitedIn = this.#search;
      if (candidate.pool !== UNASSIGNED && !this.#assignPool(candidate.pool, isFree)) continue;
      candidate.pool = pool;
      return true;
    }
    return false;
  }
}

function getCandidate(bookable: Bookable, zone: Zone, byId: Map<string, Candidate>): Candidate {
  const known = byId.get(bookable.id);
  if (known) return known;
  const candidate = new Candidate(bookable, zone);
  byId.set(bookable.id, candidate);
  return candidate;
}
