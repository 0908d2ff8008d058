import { oneLine } from '../../core/kernel/names.js';
import { formatDay, formatLine, toLines, type ReportLine, type ReportLocale } from './report-lines.js';
import { ReportPage, type Bars } from './report-page.js';
import type { ComparedOrNoneView, DailyReportView } from './reports.dto.js';

export interface PrintedReport {
  report: DailyReportView;
  clinicName: string;
  locale: ReportLocale;
}

/** The parts of the visits of the day that are drawn as bars. */
const DRAWN_COUNTS = ['completed', 'noShows', 'cancelled', 'open', 'walkIns'] as const;
const WHOLE_BAR_PERCENT = 100;

/** The report as a PDF file: a table of the figures, and charts. */
export async function toPdf({ report, clinicName, locale }: PrintedReport): Promise<Buffer> {
  const { words, language } = locale;
  const day = formatDay(report.date, locale);
  const made = `${words.printed}: ${toTime(report, locale)}`;
  const title = `${words.title}, ${oneLine(clinicName)}, ${report.date}`;
  const page = new ReportPage({ title, language, createdAt: report.createdAt }, words, made);
  page.title(words.title);
  page.line(oneLine(clinicName));
  page.line(day);
  if (!report.isFinal) page.line(words.soFar);
  await page.table(
    [words.figure, words.day, words.weekBefore, words.change],
    toLines(report, words).map((line) => [line.label, ...formatLine(line, locale)]),
  );
  const bars = (line: ReportLine): Bars => toBars(line, locale);
  await page.chart({
    title: words.visits.planned,
    rows: DRAWN_COUNTS.map((name) => bars({ label: words.visits[name], figure: report.visits[name] })),
  });
  await page.chart({
    title: words.waiting,
    rows: [
      bars({ label: words.medianMinutes, figure: report.waiting.medianMinutes }),
      bars({ label: words.longestMinutes, figure: report.waiting.longestMinutes }),
    ],
  });
  const { doctors } = report.utilisation;
  if (doctors.length > 0)
    await page.chart({
      title: words.utilisationByDoctor,
      max: WHOLE_BAR_PERCENT,
      rows: doctors.map(({ name, utilisationPercent }) =>
        bars({ label: oneLine(name), figure: utilisationPercent, isPercent: true }),
      ),
    });
  return page.end();
}

function toBars(line: ReportLine, locale: ReportLocale): Bars {
  const { value, previous }: ComparedOrNoneView = line.figure;
  const [text, previousText] = formatLine(line, locale);
  return {
    label: line.label,
    bars: [
      { value: value ?? 0, text },
      { value: previous ?? 0, text: previousText },
    ],
  };
}

/** In the zone of the clinic. */
const toTime = ({ createdAt, timeZone }: DailyReportView, { tag }: ReportLocale): string =>
  new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short', timeZone, calendar: 'gregory' }).format(
    createdAt,
  );
