import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { Zone } from '../../core/kernel/zone.js';
import type { DailyReport } from './daily-report.entity.js';
import { DailyReportsRepository, type NamedClinic } from './daily-reports.repository.js';
import { DAYS_PER_WEEK, ReportMaker } from './report-maker.js';
import { listDoctorIds, toReportView } from './report-view.js';
import type { DailyReportView } from './reports.dto.js';

/** A report before the names of doctors are added. */
interface ReportWithIds extends Pick<
  DailyReport,
  'clinicId' | 'day' | 'timeZone' | 'figures' | 'previous' | 'createdAt'
> {
  isFinal: boolean;
}

/** Shows reports with the present names of the doctors. */
@Injectable()
export class ReportReader {
  constructor(
    private readonly reports: DailyReportsRepository,
    private readonly maker: ReportMaker,
    private readonly clock: Clock,
  ) {}

  /** A report that was made. */
  read(report: DailyReport): Promise<DailyReportView> {
    return this.toView({ ...report, isFinal: true });
  }

  /** The figures up to now of a day without a report. Nothing is stored. */
  async compute({ id: clinicId, timeZone }: NamedClinic, day: string): Promise<DailyReportView> {
    const compared = await this.maker.compute({ clinicId, timeZone, day });
    const createdAt = new Date(this.clock.now());
    return this.toView({ ...compared, clinicId, day, timeZone, createdAt, isFinal: false });
  }

  private async toView(report: ReportWithIds): Promise<DailyReportView> {
    const { clinicId, day, timeZone, figures, previous, isFinal, createdAt } = report;
    return toReportView({
      clinicId,
      date: day,
      previousDate: Zone.of(timeZone).addDays(day, -DAYS_PER_WEEK),
      timeZone,
      isFinal,
      createdAt,
      figures,
      previous,
      doctorNames: await this.reports.findDoctorNames(listDoctorIds({ figures, previous })),
    });
  }
}
