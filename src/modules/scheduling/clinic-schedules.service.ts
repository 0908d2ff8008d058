import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { dayNumber, Zone } from '../../core/kernel/zone.js';
import { hoursOn, type DayHours } from './day-hours.js';
import type { ClosureView } from './closures.dto.js';
import { toClosureView } from './schedule-rules.js';
import { ClinicSchedulesRepository, type DoctorWithSchedule } from './clinic-schedules.repository.js';
import type { Range } from './ranges.js';

export interface DoctorOnDay extends Omit<DoctorWithSchedule, 'schedule'>, DayHours {}

/** The working hours of a clinic's doctors on one local day. */
export interface ClinicDay {
  name: string;
  zone: Zone;
  locale: string;
  /** The local day. */
  date: string;
  /** Whether it is the clinic's current day. */
  isToday: boolean;
  /** From the beginning of the day to that of the next: 23 or 25 hours if the clocks change. */
  day: Range;
  /** The closures of the whole clinic on the day. Those of the doctors contain them too. */
  closures: ClosureView[];
  /** All, also former ones, by name. */
  doctors: DoctorOnDay[];
}

/** Reads the schedules of whole clinics. */
@Injectable()
export class ClinicSchedulesService {
  constructor(
    private readonly schedules: ClinicSchedulesRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * @param date a local day of the clinic; default: its current day
   * @throws DomainError NOT_FOUND
   */
  async getDay(clinicId: string, date?: string): Promise<ClinicDay> {
    const now = this.clock.now();
    // The zone is not known yet: without a date, the current day of the clinic is one of three days.
    const today = Zone.of('UTC').toDay(now);
    const around = { first: Zone.of('UTC').addDays(today, -1), last: Zone.of('UTC').addDays(today, 1) };
    const clinic = await this.schedules.find(clinicId, date ? { first: date, last: date } : around);
    if (!clinic) throw notFound();
    const zone = Zone.of(clinic.timeZone);
    const localDay = date ?? zone.toDay(now);
    return {
      name: clinic.name,
      zone,
      locale: clinic.locale,
      date: localDay,
      isToday: localDay === zone.toDay(now),
      day: zone.rangeOfDay(localDay),
      closures: clinic.closures.filter(({ from, to }) => from <= localDay && localDay <= to).map(toClosureView),
      doctors: clinic.doctors.map(({ schedule, ...doctor }) => ({
        ...doctor,
        ...hoursOn(zone, schedule, dayNumber(localDay)),
      })),
    };
  }
}
