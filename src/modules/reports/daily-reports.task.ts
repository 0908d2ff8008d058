import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { MaintenanceScheduler } from '../../core/jobs/maintenance-scheduler.js';
import { Clock } from '../../core/kernel/clock.js';
import { isUnavailable } from '../../core/kernel/domain-error.js';
import { Zone } from '../../core/kernel/zone.js';
import { LOGGER } from '../../core/logging/logger.js';
import { DailyReportsRepository, type ClinicWithReports } from './daily-reports.repository.js';
import { findDueDays, MAX_MISSED_DAYS, newestDueDay } from './due-days.js';
import { ReportMaker } from './report-maker.js';

const EVERY_SECONDS = 60;
/** The rest comes with the next run, so that other tasks of the queue are not held up. */
const MAX_PER_RUN = 500;
/** The local days of all zones are within two days of those of UTC. */
const ZONE_DAYS = 2;

interface DueReport {
  clinic: ClinicWithReports;
  day: string;
}

/**
 * Makes the daily reports at 06:00 of each clinic. The rows of `daily_report` decide which days are due, so a run that was missed or killed,
 * or a Redis that lost its jobs, only delays a report.
 */
@Injectable()
export class DailyReportsTask implements OnModuleInit {
  constructor(
    private readonly maintenance: MaintenanceScheduler,
    private readonly clock: Clock,
    private readonly reports: DailyReportsRepository,
    private readonly maker: ReportMaker,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.maintenance.register({ name: 'make-daily-reports', everySeconds: EVERY_SECONDS, run: () => this.run() });
  }

  /** Of several missed days, only the newest is sent. @returns how many reports were made */
  async run(): Promise<number> {
    const now = this.clock.now();
    let made = 0;
    for (const { clinic, day } of await this.findDue(now)) {
      const { id: clinicId, timeZone } = clinic;
      const isMailed = clinic.isMailed && day === newestDueDay(Zone.of(timeZone), now);
      try {
        if (await this.maker.make({ clinicId, timeZone, day, isMailed })) made += 1;
      } catch (error) {
        if (isUnavailable(error)) throw error;
        // The reports of the other clinics are made. The next run tries this one again.
        this.logger.error({ err: error, clinicId, day }, 'a daily report was not made');
      }
    }
    return made;
  }

  /** The newest first, since only they are sent and a run makes a limited number. */
  private async findDue(now: number): Promise<DueReport[]> {
    const utc = Zone.of('UTC');
    const since = utc.addDays(utc.toDay(now), -MAX_MISSED_DAYS - ZONE_DAYS);
    const clinics = await this.reports.findClinics(since);
    const due = clinics.flatMap((clinic) =>
      findDueDays(
        {
          zone: Zone.of(clinic.timeZone),
          createdAt: clinic.createdAt.getTime(),
          reported: new Set(clinic.reported),
        },
        now,
      ).map((day) => ({ clinic, day })),
    );
    return due.sort((a, b) => (a.day < b.day ? 1 : a.day > b.day ? -1 : 0)).slice(0, MAX_PER_RUN);
  }
}
