import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { RawReply } from '../../core/http/careslot-adapter.js';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { REPORT_CONTENT_TYPES, ReportPrinter } from './report-printer.js';
import { DailyReportQuery, DailyReportView } from './reports.dto.js';
import { ReportsService } from './reports.service.js';

@ApiTags('Reports')
@Controller('api/v1/reports')
export class ReportsController {
  constructor(
    private readonly reports: ReportsService,
    private readonly printer: ReportPrinter,
  ) {}

  @Get('daily')
  @Operation({
    summary: 'Get the daily report of a clinic',
    description:
      'Figures of one local day, compared with the same weekday of the week before, without names of patients. Made at 06:00 of ' +
      'the next day (docs/reports.md); a day without a report is computed now and has `isFinal: false`.',
    permission: 'report:read',
    answer: DailyReportView,
    alsoAs: Object.values(REPORT_CONTENT_TYPES),
    errors: ['NOT_FOUND', 'RATE_LIMITED'],
  })
  async get(@CurrentActor() actor: Actor, @Query() query: DailyReportQuery): Promise<DailyReportView | RawReply> {
    return this.printer.print(await this.reports.get(actor, query), query.format);
  }
}
