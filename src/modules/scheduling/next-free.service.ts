import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import type { Slot } from './booking-rules.js';
import { BookingRulesService } from './booking-rules.service.js';
import type { Range } from './slot-query.js';

/** The earliest free time of a doctor, in the zone of the clinic. */
export interface NextFree extends Slot {
  timeZone: string;
}

const DAY = 86_400_000;

/** Days from now at which each search ends. Most doctors have a time in the first, small one. */
const SEARCH_DAYS = [3, 14, 62];

/** The next free time of many doctors at a bounded cost: at most one statement for each search. */
@Injectable()
export class NextFreeService {
  constructor(
    private readonly rules: BookingRulesService,
    private readonly clock: Clock,
  ) {}

  /**
   * @param services of each doctor the service that is wanted
   * @returns by doctor; those who have no free time within 62 days are left out
   */
  async find(services: ReadonlyMap<string, string>): Promise<Map<string, NextFree>> {
    const found = new Map<string, NextFree>();
    const wanted = new Map(services);
    let start = this.clock.now();
    const now = start;
    for (const days of SEARCH_DAYS) {
      if (wanted.size === 0) break;
      const window = { start, end: now + days * DAY };
      for (const slot of await this.earliestIn(window, wanted)) {
        found.set(slot.doctorId, slot);
        wanted.delete(slot.doctorId);
      }
      start = window.end;
    }
    return found;
  }

  private async earliestIn(window: Range, services: ReadonlyMap<string, string>): Promise<NextFree[]> {
    const schedules = await this.rules.schedules([...new Set(services.values())], [...services.keys()], () => window);
    const now = this.clock.now();
    return schedules.flatMap(({ rules, busy }) =>
      rules.doctors
        .filter(({ doctorId }) => services.get(doctorId) === rules.row.serviceId)
        .flatMap(({ doctorId }) => {
          const [first] = rules.freeSlots({ window, busy, now, doctorId, perDoctor: 1 });
          return first ? [{ ...first, timeZone: rules.row.timeZone }] : [];
        }),
    );
  }
}
