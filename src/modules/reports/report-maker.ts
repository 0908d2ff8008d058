import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { Clock } from '../../core/kernel/clock.js';
import { newId } from '../../core/kernel/id.js';
import { Zone } from '../../core/kernel/zone.js';
import { DailyFiguresService } from './daily-figures.service.js';
import { DailyReportsRepository } from './daily-reports.repository.js';
import type { DayFigures } from './day-figures.js';

/** The event of a report that is sent to the managers, with `{ reportId }`. */
export const REPORT_EVENT = 'daily-report:created';
export const DAYS_PER_WEEK = 7;

/** The day of a clinic whose report is made. */
interface NewReport {
  clinicId: string;
  timeZone: string;
  day: string;
  /** Whether the managers get a message. */
  isMailed: boolean;
}

/** The figures of a day, and of the same weekday of the week before. */
export interface ComparedFigures {
  figures: DayFigures;
  previous: DayFigures;
}

/** Makes the report of a day. */
@Injectable()
export class ReportMaker {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly reports: DailyReportsRepository,
    private readonly figures: DailyFiguresService,
    private readonly changes: ChangeLog,
  ) {}

  /** Makes the report once, however many processes try: only the one that inserts the row requests the messages. @returns whether it was this one */
  async make({ clinicId, timeZone, day, isMailed }: NewReport): Promise<boolean> {
    const compared = await this.compute({ clinicId, timeZone, day });
    const now = new Date(this.clock.now());
    const id = newId();
    return this.db.transaction(async () => {
      const report = { id, clinicId, day, timeZone, ...compared, createdAt: now, mailedAt: isMailed ? now : null };
      if (!(await this.reports.insertOnce(report))) return false;
      const event = { event: REPORT_EVENT, aggregate_id: id, clinic_id: clinicId, payload: { reportId: id } };
      if (isMailed) await this.changes.publish(event);
      return true;
    });
  }

  /** Compares with the stored figures of the week before, or computes these if no report was made then. */
  async compute({ clinicId, timeZone, day }: Omit<NewReport, 'isMailed'>): Promise<ComparedFigures> {
    const weekBefore = Zone.of(timeZone).addDays(day, -DAYS_PER_WEEK);
    return {
      figures: await this.figures.compute(clinicId, day),
      previous:
        (await this.reports.findFigures(clinicId, weekBefore)) ?? (await this.figures.compute(clinicId, weekBefore)),
    };
  }
}
