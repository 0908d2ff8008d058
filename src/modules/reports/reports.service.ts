import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { allowOldRows } from '../../core/database/replica-reads.js';
import { getAccountId, manages, type Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { invalid, notFound } from '../../core/kernel/domain-error.js';
import { NIL_ID } from '../../core/kernel/id.js';
import { Zone } from '../../core/kernel/zone.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { DailyReportsRepository } from './daily-reports.repository.js';
import type { ReportToPrint } from './report-printer.js';
import { ReportReader } from './report-reader.js';
import type { DailyReportQuery } from './reports.dto.js';

/** Shows the daily reports to those who manage the clinic. */
@Injectable()
export class ReportsService {
  constructor(
    private readonly reports: DailyReportsRepository,
    private readonly reader: ReportReader,
    private readonly limits: RateLimits,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  /**
   * The report that was made for the day. A day without one, such as today, is computed now. Audits the read.
   * @throws DomainError NOT_FOUND for a clinic of others, VALIDATION_ERROR for a day to come, RATE_LIMITED
   */
  async get(actor: Actor, { clinicId, date, format }: DailyReportQuery): Promise<ReportToPrint> {
    const clinic = manages(actor, clinicId) ? await this.reports.findClinic(clinicId) : null;
    if (!clinic) throw notFound();
    const zone = Zone.of(clinic.timeZone);
    const today = zone.toDay(this.clock.now());
    const day = date ?? zone.addDays(today, -1);
    if (day > today) throw invalid({ field: 'date', error: 'must not be a day to come' });
    if (format !== 'json') await this.limits.consume('reportFiles', actor.userId);
    const stored = await this.reports.findByDay(clinic.id, day);
    const report = stored ? await this.reader.read(stored) : await allowOldRows(() => this.reader.compute(clinic, day));
    await this.changes.recordAccess({
      action: 'report.read',
      objectType: 'report',
      objectId: stored?.id ?? NIL_ID,
      clinicId: clinic.id,
      changes: { date: day, format },
    });
    const locale = (await this.reports.findLocale(getAccountId(actor))) ?? 'en';
    return { report, clinicName: clinic.name, locale };
  }
}
