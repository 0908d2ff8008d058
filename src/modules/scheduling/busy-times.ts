import type { Range } from './ranges.js';

/** A group session that has at least one seat taken. */
export interface GroupSession {
  doctorId: string;
  /** Epoch milliseconds. */
  start: number;
  taken: number;
  resourceIds: string[];
}

const NONE: Range[] = [];

/** The busy times of doctors, rooms and equipment, read in one snapshot. */
export class BusyTimes {
  /** @param ranges by resource, buffers included, in any order */
  constructor(
    private readonly ranges: ReadonlyMap<string, Range[]>,
    readonly groupSessions: readonly GroupSession[] = [],
  ) {}

  get(resourceId: string): Range[] {
    return this.ranges.get(resourceId) ?? NONE;
  }

  /** A copy in which these resources are free all the time. */
  without(resourceIds: Iterable<string>): BusyTimes {
    const ranges = new Map(this.ranges);
    for (const id of resourceIds) ranges.delete(id);
    return new BusyTimes(ranges, this.groupSessions);
  }

  /** A copy in which these resources are also busy in the range. */
  with(resourceIds: Iterable<string>, range: Range): BusyTimes {
    const ranges = new Map(this.ranges);
    for (const id of resourceIds) ranges.set(id, [...this.get(id), range]);
    return new BusyTimes(ranges, this.groupSessions);
  }
}
