import type { Cell } from '../../core/spreadsheets/cell.js';
import { LocalDay } from '../../core/spreadsheets/cell.js';
import type { SheetChart } from '../../core/spreadsheets/xlsx-charts.js';
import { createWorkbook, type WorkbookSheet } from '../../core/spreadsheets/workbook.js';
import type { ReportWords } from './report-words.js';
import { toLines, type ReportLine, type ReportLocale } from './report-lines.js';
import type { ComparedOrNoneView, DailyReportView, ReportDoctorView } from './reports.dto.js';

/** The columns of the day in the two sheets; the first column is 0. */
const FIGURE_COLUMN = 1;
const UTILISATION_COLUMN = 5;

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
  const findRow = (label: string): number => lines.findIndex((line) => line.label === label) + 2;
  return {
    name: words.title,
    header: [words.figure, words.day, words.weekBefore, words.change, words.currency],
    rows: [
      [report.isFinal ? words.title : words.soFar, new LocalDay(report.date), new LocalDay(report.previousDate)],
      ...lines.map((line) => [name(line), ...toCells(line.figure), line.currency ?? null]),
    ],
    charts: [
      toChart(words, {
        title: words.visits.planned,
        firstRow: findRow(words.visits.completed),
        lastRow: findRow(words.visits.walkIns),
        column: FIGURE_COLUMN,
      }),
      toChart(words, {
        title: words.waiting,
        firstRow: findRow(words.medianMinutes),
        lastRow: findRow(words.longestMinutes),
        column: FIGURE_COLUMN,
      }),
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
    charts:
      doctors.length > 0
        ? [
            toChart(words, {
              title: utilisationPercent,
              firstRow: 1,
              lastRow: doctors.length,
              column: UTILISATION_COLUMN,
            }),
          ]
        : [],
  };
}

/** Compares the day, in `column`, with the week before, which is in the next column. */
const toChart = (
  { day, weekBefore }: ReportWords,
  { column, ...chart }: Omit<SheetChart, 'series'> & { column: number },
): SheetChart => ({
  ...chart,
  series: [
    { name: day, column },
    { name: weekBefore, column: column + 1 },
  ],
});
