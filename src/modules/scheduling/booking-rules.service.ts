import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { SingleFlight } from '../../core/concurrency/single-flight.js';
import { DomainError, notFound, type ErrorCode } from '../../core/kernel/domain-error.js';
import type { BookingRules } from './booking-rules.js';
import { BookingRulesRepository, busyTimesOf, type BusyTimesRead } from './booking-rules.repository.js';
import type { BusyTimes } from './busy-times.js';
import type { Range } from './slot-query.js';

/** A service with a hundred doctors takes some hundred kilobytes. */
const MAX_SERVICES = 1_000;
const MAX_ATTEMPTS = 5;
const NOT_BY_RULES: ErrorCode[] = ['APPOINTMENT_CONFLICT', 'SERVICE_UNAVAILABLE'];
/** The longest buffer (4 h) and service (12 h) reach over the edges of a window. */
const MARGIN = 16 * 3_600_000;

/** Rules of one service, and when its doctors and resources are taken. */
export interface Schedule {
  rules: BookingRules;
  busy: BusyTimes;
}

/** The database has a newer schedule revision than the rules by which a booking was made; nothing was written. */
export class OutdatedRules extends Error {
  constructor() {
    super('The booking rules have changed.');
    this.name = 'OutdatedRules';
  }
}

/**
 * The booking rules of services, cached in the process. There are no invalidation messages: whoever uses cached rules compares
 * their revision with the database's, in the statement that reads busy times or writes the booking.
 */
@Injectable()
export class BookingRulesService {
  private readonly cache = new LRUCache<string, BookingRules>({ max: MAX_SERVICES });
  private readonly loads = new SingleFlight<Map<string, BookingRules>>();

  constructor(private readonly repository: BookingRulesRepository) {}

  /**
   * Runs work by the cached rules, and again by new ones where it throws and the rules were out of date: every change that was
   * committed before the call is respected. Work that throws must have written nothing. Under a stream of changes, the last
   * attempt makes them wait until it has ended.
   * @throws DomainError NOT_FOUND for a service that is not bookable
   */
  async apply<T>(id: string, work: (rules: BookingRules) => Promise<T>): Promise<T> {
    const serviceId = id.toLowerCase();
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt += 1) {
      const cached = this.cache.get(serviceId);
      const rules = cached ?? (await this.load([serviceId])).get(serviceId);
      if (!rules) throw notFound();
      try {
        return await work(rules);
      } catch (error) {
        if (!(await this.isCausedByOldRules(error, rules))) throw error;
        this.cache.delete(serviceId);
      }
    }
    return this.repository.whileUnchanged(serviceId, async () => {
      const rules = (await this.read([serviceId])).get(serviceId);
      if (!rules) throw notFound();
      return work(rules);
    });
  }

  /**
   * Current rules and busy times of a service.
   * @param doctorId one doctor's and the resources'; null for all doctors
   * @param windowOf the instants between which slots may start, by the current rules
   * @returns null for a service that is not bookable
   */
  async schedule(
    serviceId: string,
    doctorId: string | null,
    windowOf: (rules: BookingRules) => Range,
  ): Promise<Schedule | null> {
    const schedules = await this.schedules(
      [serviceId.toLowerCase()],
      doctorId ? [doctorId.toLowerCase()] : null,
      windowOf,
    );
    return schedules[0] ?? null;
  }

  /** The same for several services, in one statement; services that are not bookable are left out. */
  async schedules(
    serviceIds: readonly string[],
    doctorIds: readonly string[] | null,
    windowOf: (rules: BookingRules) => Range,
  ): Promise<Schedule[]> {
    for (let attempt = 1; ; attempt += 1) {
      const all = await this.current(serviceIds);
      if (all.length === 0) return [];
      const read = await this.readBusyTimes(all, doctorIds, all.map(windowOf));
      const outdated = all.filter(({ row }) => read.revisions.get(row.clinicId) !== row.revision);
      for (const { row } of outdated) this.cache.delete(row.serviceId);
      // Under a constant stream of changes, the last answer is as good as the next one.
      if (outdated.length === 0 || attempt === MAX_ATTEMPTS) {
        return all.map((rules) => ({ rules, busy: busyTimesOf(read, rules.row.serviceId) }));
      }
    }
  }

  private async current(serviceIds: readonly string[]): Promise<BookingRules[]> {
    const missing = serviceIds.filter((id) => !this.cache.has(id));
    const loaded = missing.length > 0 ? await this.load(missing) : null;
    return serviceIds.flatMap((id) => this.cache.get(id) ?? loaded?.get(id) ?? []);
  }

  /** Shared by those who ask at once: whoever uses the rules compares their revision anyway. */
  private load(serviceIds: readonly string[]): Promise<Map<string, BookingRules>> {
    return this.loads.share(serviceIds.join(), () => this.read(serviceIds));
  }

  private async read(serviceIds: readonly string[]): Promise<Map<string, BookingRules>> {
    const loaded = await this.repository.find(serviceIds);
    for (const rules of loaded) this.cache.set(rules.row.serviceId, rules);
    return new Map(loaded.map((rules) => [rules.row.serviceId, rules]));
  }

  private readBusyTimes(
    all: BookingRules[],
    doctorIds: readonly string[] | null,
    windows: Range[],
  ): Promise<BusyTimesRead> {
    const resourceIds = all.flatMap((rules) => rules.resourceIds(doctorIds));
    const start = Math.min(...windows.map((window) => window.start));
    const end = Math.max(...windows.map((window) => window.end));
    return this.repository.busyTimes({
      clinicIds: [...new Set(all.map(({ row }) => row.clinicId))],
      resourceIds: [...new Set(resourceIds)],
      groupServiceIds: all.filter(({ isGroup }) => isGroup).map(({ row }) => row.serviceId),
      window: { start: start - MARGIN, end: end + MARGIN },
    });
  }

  private async isCausedByOldRules(error: unknown, { row }: BookingRules): Promise<boolean> {
    if (error instanceof OutdatedRules) return true;
    // A conflict was found by the database, and other failures have nothing to do with the rules.
    if (!(error instanceof DomainError) || NOT_BY_RULES.includes(error.code)) return false;
    return (await this.repository.revision(row.clinicId)) !== row.revision;
  }
}
