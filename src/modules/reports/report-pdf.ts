import { oneLine } from '../../core/kernel/names.js';
import { formatDay, formatLine, toLines, type ReportLine, type ReportLocale } from './report-lines.js';
import { ReportLayout, type Bars } from './report-layout.js';
import type { ComparedOrNoneView, DailyReportView } from './reports.dto.js';

export interface PdfContent {
  report: DailyReportView;
  clinicName: string;
  locale: ReportLocale;
}

/** The parts of the visits of the day that are drawn as bars. */
const DRAWN_COUNTS = ['completed', 'noShows', 'cancelled', 'open', 'walkIns'] as const;
const WHOLE_BAR_PERCENT = 100;

/** The report as a PDF file: a table of the figures, and charts. */
export async function toPdf({ report, clinicName, locale }: PdfContent): Promise<Buffer> {
  const { words, language } = locale;
  const day = formatDay(report.date, locale);
  const made = `${words.printed}: ${toTime(report, locale)}`;
  const title = `${words.title}, ${oneLine(clinicName)}, ${report.date}`;
  const layout = new ReportLayout({ title, language, createdAt: report.createdAt }, words, made);
  layout.title(words.title);
  layout.line(oneLine(clinicName));
  layout.line(day);
  if (!report.isFinal) layout.line(words.soFar);
  await layout.table(
    [words.figure, words.day, words.weekBefore, words.change],
    toLines(report, words).map((line) => [line.label, ...formatLine(line, locale)]),
  );
  const bars = (line: ReportLine): Bars => toBars(line, locale);
  await layout.chart({
    title: words.visits.planned,
    rows: DRAWN_COUNTS.map((name) => bars({ label: words.visits[name], figure: report.visits[name] })),
  });
  await layout.chart({
    title: words.waiting,
    rows: [
      bars({ label: words.medianMinutes, figure: report.waiting.medianMinutes }),
      bars({ label: words.longestMinutes, figure: report.waiting.longestMinutes }),
    ],
  });
  const { doctors } = report.utilisation;
  if (doctors.length > 0)
    await layout.chart({
      title: words.utilisationByDoctor,
      max: WHOLE_BAR_PERCENT,
      rows: doctors.map(({ name, utilisationPercent }) =>
        bars({ label: oneLine(name), figure: utilisationPercent, isPercent: true }),
      ),
    });
  return layout.end();
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
