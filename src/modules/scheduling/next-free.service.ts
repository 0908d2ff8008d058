import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import type { Slot } from './booking-rules.js';
import { BookingRulesService } from './booking-rules.service.js';
import { DAY } from './calendar.js';
import type { Range } from './ranges.js';

/** The earliest free slot of a doctor, with the clinic's time zone. */
export interface NextFree extends Slot {
  timeZone: string;
}

/** The days from now at which each search ends. For most doctors the first search is enough. */
const SEARCH_DAYS = [3, 14, 62];

/** Finds the next free slot of many doctors, with at most one statement for each search. */
@Injectable()
export class NextFreeService {
  constructor(
    private readonly rules: BookingRulesService,
    private readonly clock: Clock,
  ) {}

  /**
   * @param services the service to book, by doctor
   * @returns by doctor; doctors without a free slot within 62 days are omitted
   */
  async find(services: ReadonlyMap<string, string>): Promise<Map<string, NextFree>> {
    const found = new Map<string, NextFree>();
    const remaining = new Map(services);
    const now = this.clock.now();
    let start = now;
    for (const days of SEARCH_DAYS) {
      if (remaining.size === 0) break;
      const window = { start, end: now + days * DAY };
      for (const slot of await this.findEarliest(window, remaining)) {
        found.set(slot.doctorId, slot);
        remaining.delete(slot.doctorId);
      }
      start = window.end;
    }
    return found;
  }

  private async findEarliest(window: Range, services: ReadonlyMap<string, string>): Promise<NextFree[]> {
    const schedules = await this.rules.findSchedules(
      [...new Set(services.values())],
      [...services.keys()],
      () => window,
    );
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
