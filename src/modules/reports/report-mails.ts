import { Injectable } from '@nestjs/common';
import { DailyReportsRepository } from './daily-reports.repository.js';
import { formatLine, toLines, toReportLocale } from './report-lines.js';
import { REPORT_CONTENT_TYPES, ReportPrinter, toFilename } from './report-printer.js';
import { ReportReader } from './report-reader.js';

/** What a message about a report contains, in the recipient's language. */
export interface ReportMessage {
  /** YYYY-MM-DD. */
  day: string;
  /** The figures, a line for each. */
  summary: string;
}

export interface ReportFile {
  filename: string;
  contentType: string;
  content: Buffer;
}

/** The content of the messages about reports, for the feature that sends them. */
@Injectable()
export class ReportMails {
  constructor(
    private readonly reports: DailyReportsRepository,
    private readonly reader: ReportReader,
    private readonly printer: ReportPrinter,
  ) {}

  /** @returns null if there is no such report */
  async getMessage(reportId: string, locale: string): Promise<ReportMessage | null> {
    const stored = await this.reports.find(reportId);
    if (!stored) return null;
    const reportLocale = toReportLocale(locale);
    const { words } = reportLocale;
    const lines = toLines(await this.reader.read(stored), words).map((line) => {
      const [value, previous] = formatLine(line, reportLocale);
      return `${line.label}: ${value} (${words.weekBefore}: ${previous})`;
    });
    return { day: stored.day, summary: lines.join('\n') };
  }

  /** The report as a PDF file. @returns null if there is no such report */
  async getFile(reportId: string, locale: string): Promise<ReportFile | null> {
    const stored = await this.reports.find(reportId);
    const clinic = stored && (await this.reports.findClinic(stored.clinicId));
    if (!clinic) return null;
    const report = await this.reader.read(stored);
    const content = await this.printer.toFile({ report, clinicName: clinic.name, locale }, 'pdf');
    return { filename: toFilename(report, 'pdf'), contentType: REPORT_CONTENT_TYPES.pdf, content };
  }
}
