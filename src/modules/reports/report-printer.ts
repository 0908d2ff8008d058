import { Injectable } from '@nestjs/common';
import { Semaphore } from '../../core/concurrency/semaphore.js';
import { RawReply } from '../../core/http/careslot-adapter.js';
import { toReportLocale } from './report-lines.js';
import type { DailyReportView, ReportFormat } from './reports.dto.js';

/** A PDF takes a quarter of a second of computing; more at once would delay other requests. */
const MAX_FILES_AT_ONCE = 2;
export const REPORT_CONTENT_TYPES = {
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pdf: 'application/pdf',
} as const satisfies Partial<Record<ReportFormat, string>>;

export interface ReportToPrint {
  report: DailyReportView;
  clinicName: string;
  /** The locale of the person who reads it. */
  locale: string;
}

/** Writes a report in a format: JSON in the envelope, or a file. */
@Injectable()
export class ReportPrinter {
  private readonly permits = new Semaphore({ total: MAX_FILES_AT_ONCE });

  async print(input: ReportToPrint, format: ReportFormat): Promise<DailyReportView | RawReply> {
    if (format === 'json') return input.report;
    const file = await this.toFile(input, format);
    return new RawReply(file, REPORT_CONTENT_TYPES[format], {
      'Content-Disposition': `attachment; filename="${toFilename(input.report, format)}"`,
      'Cache-Control': 'private, no-store',
      'X-Content-Type-Options': 'nosniff',
    });
  }

  async toFile({ report, clinicName, locale }: ReportToPrint, format: 'xlsx' | 'pdf'): Promise<Buffer> {
    const release = await this.permits.acquire();
    try {
      const reportLocale = toReportLocale(locale);
      // Loaded with the first file: the libraries take a tenth of the time in which a process starts.
      if (format === 'pdf')
        return await (await import('./report-pdf.js')).toPdf({ report, clinicName, locale: reportLocale });
      return await (await import('./report-xlsx.js')).toXlsx(report, reportLocale);
    } finally {
      release();
    }
  }
}

export const toFilename = ({ date }: DailyReportView, format: 'xlsx' | 'pdf'): string => `report-${date}.${format}`;
