import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { SingleFlight } from '../../core/concurrency/single-flight.js';
import { DomainError, notFound, type ErrorCode } from '../../core/kernel/domain-error.js';
import type { BookingRules } from './booking-rules.js';
import { BookingRulesRepository, type BusyTimesRead } from './booking-rules.repository.js';
import { BusyTimes } from './busy-times.js';
import type { Range } from './ranges.js';

/** The rules of a service with a hundred doctors take about a hundred kilobytes. */
const MAX_SERVICES = 1_000;
const MAX_ATTEMPTS = 5;
const NOT_CAUSED_BY_RULES: ErrorCode[] = ['APPOINTMENT_CONFLICT', 'SERVICE_UNAVAILABLE'];
/** A slot in a window can reserve time outside of it: up to the longest buffer (4 h) and the longest service (12 h). */
const MARGIN_MILLISECONDS = 16 * 3_600_000;

/** The rules of a service and the busy times of its doctors and resources. */
export interface ServiceSchedule {
  rules: BookingRules;
  busy: BusyTimes;
}

/** Thrown if the schedule revision in the database is newer than the cached rules; nothing was written. */
export class OutdatedRulesError extends Error {
  constructor() {
    super('The booking rules have changed.');
    this.name = 'OutdatedRulesError';
  }
}

/**
 * Caches the booking rules of services in the process. There are no invalidation messages: statements that read busy times or
 * write a booking compare the revision of the cached rules with the database.
 */
@Injectable()
export class BookingRulesService {
  private readonly cache = new LRUCache<string, BookingRules>({ max: MAX_SERVICES });
  private readonly loads = new SingleFlight<Map<string, BookingRules>>();

  constructor(private readonly repository: BookingRulesRepository) {}

  /**
   * Runs `work` with the cached rules. If it throws and the rules were outdated, runs it again with new ones, so every change
   * that was committed before the call is respected. What `work` wrote before it throws must be rolled back, or do no harm when
   * `work` runs again. The last attempt locks the schedule, so a stream of changes cannot prevent success.
   * @throws DomainError NOT_FOUND for a service that is not bookable
   */
  async withRules<T>(id: string, work: (rules: BookingRules) => Promise<T>): Promise<T> {
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
    return this.repository.withLockedSchedule(serviceId, async () => work(await this.getCurrent(serviceId)));
  }

  /**
   * Reads the rules from the database, for work that does not compare their revision.
   * @throws DomainError NOT_FOUND for a service that is not bookable
   */
  async getCurrent(id: string): Promise<BookingRules> {
    const serviceId = id.toLowerCase();
    const rules = (await this.read([serviceId])).get(serviceId);
    if (!rules) throw notFound();
    return rules;
  }

  /**
   * Reads the current rules and busy times of a service.
   * @param doctorId limits the busy times to this doctor and the resources; null for all doctors
   * @param getWindow returns the range in which slots may start
   * @returns null for a service that is not bookable
   */
  async findSchedule(
    serviceId: string,
    doctorId: string | null,
    getWindow: (rules: BookingRules) => Range,
  ): Promise<ServiceSchedule | null> {
    const schedules = await this.findSchedules(
      [serviceId.toLowerCase()],
      doctorId ? [doctorId.toLowerCase()] : null,
      getWindow,
    );
    return schedules[0] ?? null;
  }

  /** The same for several services, with one statement; services that are not bookable are omitted. */
  async findSchedules(
    serviceIds: readonly string[],
    doctorIds: readonly string[] | null,
    getWindow: (rules: BookingRules) => Range,
  ): Promise<ServiceSchedule[]> {
    for (let attempt = 1; ; attempt += 1) {
      const all = await this.loadAll(serviceIds);
      if (all.length === 0) return [];
      const read = await this.readBusyTimes(all, doctorIds, all.map(getWindow));
      const outdated = all.filter(({ row }) => read.revisions.get(row.clinicId) !== row.revision);
      for (const { row } of outdated) this.cache.delete(row.serviceId);
      // Under a stream of changes, the next result would be outdated as soon as this one.
      if (outdated.length === 0 || attempt === MAX_ATTEMPTS) {
        return all.map((rules) => ({
          rules,
          busy: new BusyTimes(read.ranges, read.groupSessions.get(rules.row.serviceId)),
        }));
      }
    }
  }

  /** The rules from the cache, or from the database. */
  private async loadAll(serviceIds: readonly string[]): Promise<BookingRules[]> {
    const missing = serviceIds.filter((id) => !this.cache.has(id));
    const loaded = missing.length > 0 ? await this.load(missing) : null;
    return serviceIds.flatMap((id) => this.cache.get(id) ?? loaded?.get(id) ?? []);
  }

  /** Concurrent callers share one read. It may be outdated: they compare the revision. */
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
    return this.repository.findBusyTimes({
      clinicIds: [...new Set(all.map(({ row }) => row.clinicId))],
      resourceIds: [...new Set(resourceIds)],
      groupServiceIds: all.filter(({ isGroup }) => isGroup).map(({ row }) => row.serviceId),
      window: { start: start - MARGIN_MILLISECONDS, end: end + MARGIN_MILLISECONDS },
    });
  }

  private async isCausedByOldRules(error: unknown, { row }: BookingRules): Promise<boolean> {
    if (error instanceof OutdatedRulesError) return true;
    // The code that throws a conflict first checks that the rules are current, and throws OutdatedRulesError if they are not. Unexpected
    // errors do not depend on the rules.
    if (!(error instanceof DomainError) || NOT_CAUSED_BY_RULES.includes(error.code)) return false;
    return (await this.repository.findRevision(row.clinicId)) !== row.revision;
  }
}
