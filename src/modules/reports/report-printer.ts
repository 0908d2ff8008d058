import { Injectable } from '@nestjs/common';
import { Semaphore } from '../../core/concurrency/semaphore.js';
import { RawReply } from '../../core/http/careslot-adapter.js';
import { toReportLocale } from './report-lines.js';
import type { DailyReportView, ReportFormat } from './reports.dto.js';

/** A PDF takes a quarter of a second of computing; more at once would delay other requests. */
const MAX_FILES_AT_ONCE = 2;
const CONTENT_TYPES = {
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pdf: 'application/pdf',
} as const satisfies Partial<Record<ReportFormat, string>>;

export interface ReadReport {
  report: DailyReportView;
  clinicName: string;
  /** The reader's. */
  locale: string;
}

/** Writes a report in a format: JSON in the envelope, or a file. */
@Injectable()
export class ReportPrinter {
  private readonly permits = new Semaphore({ total: MAX_FILES_AT_ONCE });

  async print(read: ReadReport, format: ReportFormat): Promise<DailyReportView | RawReply> {
    if (format === 'json') return read.report;
    const file = await this.toFile(read, format);
    return new RawReply(file, CONTENT_TYPES[format], {
      'Content-Disposition': `attachment; filename="${toFilename(read.report, format)}"`,
      'Cache-Control': 'private, no-store',
      'X-Content-Type-Options': 'nosniff',
    });
  }

  async toFile({ report, clinicName, locale }: ReadReport, format: 'xlsx' | 'pdf'): Promise<Buffer> {
    const release = await this.permits.acquire();
    try {
      const reader = toReportLocale(locale);
      // Loaded with the first file: the libraries take a tenth of the time in which a process starts.
      if (format === 'pdf')
        return await (await import('./report-pdf.js')).toPdf({ report, clinicName, locale: reader });
      return await (await import('./report-xlsx.js')).toXlsx(report, reader);
    } finally {
      release();
    }
  }
}

export const toFilename = ({ date }: DailyReportView, format: 'xlsx' | 'pdf'): string => `report-${date}.${format}`;
