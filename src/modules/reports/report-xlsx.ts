import type { Cell } from '../../core/spreadsheets/cell.js';
import { LocalDay } from '../../core/spreadsheets/cell.js';
import { createWorkbook, type WorkbookSheet } from '../../core/spreadsheets/workbook.js';
import { toLines, type ReportLine, type ReportLocale } from './report-lines.js';
import type { ComparedOrNoneView, DailyReportView } from './reports.dto.js';

/** The report as an xlsx file: a sheet with the figures of the clinic, and one of the doctors. Amounts are in minor units. */
export function toXlsx(report: DailyReportView, locale: ReportLocale): Promise<Buffer> {
  const { words, language } = locale;
  const { doctor, bookedMinutes, availableMinutes, utilisationPercent } = words;
  const doctors: WorkbookSheet = {
    name: words.utilisation,
    header: [
      doctor,
      ...[bookedMinutes, availableMinutes, utilisationPercent].flatMap((name) => [
        name,
        `${name}, ${words.weekBefore}`,
      ]),
    ],
    rows: report.utilisation.doctors.map((row) => [
      row.name,
      ...[row.bookedMinutes, row.availableMinutes, row.utilisationPercent].flatMap(({ value, previous }) => [
        value,
        previous,
      ]),
    ]),
  };
  return createWorkbook([toFigureSheet(report, locale), doctors], { isRightToLeft: language === 'ar' });
}

function toFigureSheet(report: DailyReportView, { words }: ReportLocale): WorkbookSheet {
  const toCells = ({ value, previous, change }: ComparedOrNoneView): Cell[] => [value, previous, change];
  const name = ({ label, currency, isPercent }: ReportLine): string =>
    currency ? `${label}, ${words.minorUnits}` : isPercent ? words.utilisationPercent : label;
  return {
    name: words.title,
    header: [words.figure, words.day, words.weekBefore, words.change, words.currency],
    rows: [
      [report.isFinal ? words.title : words.soFar, new LocalDay(report.date), new LocalDay(report.previousDate)],
      ...toLines(report, words).map((line) => [name(line), ...toCells(line.figure), line.currency ?? null]),
    ],
  };
}
