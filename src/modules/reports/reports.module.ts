import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RateLimits } from '../../core/security/rate-limits.js';
import { SchedulingModule } from '../scheduling/index.js';
import { DailyFiguresService } from './daily-figures.service.js';
import { DailyReport } from './daily-report.entity.js';
import { DailyReportsRepository } from './daily-reports.repository.js';
import { DailyReportsTask } from './daily-reports.task.js';
import { DayFactsRepository } from './day-facts.repository.js';
import { ReportMails } from './report-mails.js';
import { ReportMaker } from './report-maker.js';
import { ReportPrinter } from './report-printer.js';
import { ReportReader } from './report-reader.js';
import { ReportsController } from './reports.controller.js';
import { ReportsService } from './reports.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([DailyReport]), SchedulingModule],
  controllers: [ReportsController],
  providers: [
    DailyFiguresService,
    DailyReportsRepository,
    DailyReportsTask,
    DayFactsRepository,
    ReportMails,
    ReportMaker,
    ReportPrinter,
    ReportReader,
    ReportsService,
  ],
  exports: [ReportMails],
})
export class ReportsModule {
  constructor(limits: RateLimits) {
    // A PDF takes a quarter of a second of computing.
    limits.define({ reportFiles: { points: 60, seconds: 60 * 60 } });
  }
}
