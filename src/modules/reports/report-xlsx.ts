import type { Cell } from '../../core/spreadsheets/cell.js';
import { LocalDay } from '../../core/spreadsheets/cell.js';
import type { SheetChart } from '../../core/spreadsheets/xlsx-charts.js';
import { createWorkbook, type WorkbookSheet } from '../../core/spreadsheets/workbook.js';
import type { ReportWords } from './report-words.js';
import { toLines, type ReportLine, type ReportLocale } from './report-lines.js';
import type { ComparedOrNoneView, DailyReportView, ReportDoctorView } from './reports.dto.js';

/**
 * The report as an xlsx file with charts: a sheet with the figures of the clinic, and one of the doctors. Amounts are in minor units.
 */
export function toXlsx(report: DailyReportView, locale: ReportLocale): Promise<Buffer> {
  const sheets = [toFigureSheet(report, locale), toDoctorSheet(report, locale)];
  return createWorkbook(sheets, { isRightToLeft: locale.language === 'ar' });
}

function toFigureSheet(report: DailyReportView, { words }: ReportLocale): WorkbookSheet {
  const toCells = ({ value, previous, change }: ComparedOrNoneView): Cell[] => [value, previous, change];
  const name = ({ label, currency, isPercent }: ReportLine): string =>
    currency ? `${label}, ${words.minorUnits}` : isPercent ? words.utilisationPercent : label;
  const lines = toLines(report, words);
  // After the header and the days.
  const rowOf = (label: string): number => lines.findIndex((line) => line.label === label) + 2;
  return {
    name: words.title,
    header: [words.figure, words.day, words.weekBefore, words.change, words.currency],
    rows: [
      [report.isFinal ? words.title : words.soFar, new LocalDay(report.date), new LocalDay(report.previousDate)],
      ...lines.map((line) => [name(line), ...toCells(line.figure), line.currency ?? null]),
    ],
    charts: [
      aChart(words.visits.planned, [rowOf(words.visits.completed), rowOf(words.visits.walkIns)], 1, words),
      aChart(words.waiting, [rowOf(words.medianMinutes), rowOf(words.longestMinutes)], 1, words),
    ],
  };
}

function toDoctorSheet({ utilisation: { doctors } }: DailyReportView, { words }: ReportLocale): WorkbookSheet {
  const { utilisation, doctor, bookedMinutes, availableMinutes, utilisationPercent, weekBefore } = words;
  const columns = [bookedMinutes, availableMinutes, utilisationPercent];
  const figures = (row: ReportDoctorView): ComparedOrNoneView[] => [
    row.bookedMinutes,
    row.availableMinutes,
    row.utilisationPercent,
  ];
  return {
    name: utilisation,
    header: [doctor, ...columns.flatMap((name) => [name, `${name}, ${weekBefore}`])],
    rows: doctors.map((row) => [row.name, ...figures(row).flatMap(({ value, previous }) => [value, previous])]),
    charts: doctors.length > 0 ? [aChart(utilisationPercent, [1, doctors.length], 5, words)] : [],
  };
}

/** Compares the day with the week before, which is in the next column. */
const aChart = (
  title: string,
  [firstRow, lastRow]: [number, number],
  column: number,
  { day, weekBefore }: ReportWords,
): SheetChart => ({
  title,
  firstRow,
  lastRow,
  series: [
    { name: day, column },
    { name: weekBefore, column: column + 1 },
  ],
});
