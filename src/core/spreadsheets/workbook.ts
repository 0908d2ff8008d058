import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import type { Cell } from './cell.js';
import { toHeaderRow, toXlsxRow } from './xlsx-cells.js';
import { toChart, toDrawing, toRelations, type SheetChart } from './xlsx-charts.js';
import {
  ROOT_RELATIONS,
  SHEET_END,
  STYLES,
  toContentTypes,
  toSheetStart,
  toWorkbook,
  toWorkbookRelations,
  type DrawnSheet,
} from './xlsx-parts.js';

export interface WorkbookSheet {
  /** Letters, digits, spaces and hyphens, at most 31. */
  name: string;
  /** The texts of the first row. */
  header: readonly string[];
  rows: readonly (readonly Cell[])[];
  /** Right of the table. */
  charts?: readonly SheetChart[];
}

type AddPart = (path: string, text: string) => void;

/** A small xlsx file (ECMA-376) with several sheets, which are in memory. For long lists, see `createXlsx`. */
export async function createWorkbook(
  sheets: readonly WorkbookSheet[],
  { isRightToLeft = false } = {},
): Promise<Buffer> {
  const zip = new ZipFile();
  const add: AddPart = (path, text) => zip.addBuffer(Buffer.from(text), path);
  const drawn: DrawnSheet[] = [];
  for (const [index, sheet] of sheets.entries()) {
    const number = index + 1;
    const { charts = [] } = sheet;
    add(`xl/worksheets/sheet${number}.xml`, writeSheet(sheet, isRightToLeft));
    if (charts.length === 0) continue;
    drawn.push({ number, charts: charts.length });
    addCharts(add, sheet, number, isRightToLeft);
  }
  add('xl/styles.xml', STYLES);
  add('xl/workbook.xml', toWorkbook(sheets.map(({ name }) => name)));
  add('xl/_rels/workbook.xml.rels', toWorkbookRelations(sheets.length));
  add('_rels/.rels', ROOT_RELATIONS);
  add('[Content_Types].xml', toContentTypes(sheets.length, drawn));
  zip.end();
  return buffer(zip.outputStream);
}

function writeSheet({ header, rows, charts = [] }: WorkbookSheet, isRightToLeft: boolean): string {
  const content = rows.map((row, index) => toXlsxRow(index + 2, row)).join('');
  const drawing = '</sheetData><drawing r:id="rId1"/></worksheet>';
  return toSheetStart(isRightToLeft) + toHeaderRow(header) + content + (charts.length > 0 ? drawing : SHEET_END);
}

function addCharts(add: AddPart, { name, header, charts = [] }: WorkbookSheet, number: number, isRtl: boolean): void {
  add(`xl/worksheets/_rels/sheet${number}.xml.rels`, toRelations('drawing', [`../drawings/drawing${number}.xml`]));
  add(`xl/drawings/drawing${number}.xml`, toDrawing(charts.length, header.length));
  const paths = charts.map((_, index) => `charts/chart${number}-${index + 1}.xml`);
  add(
    `xl/drawings/_rels/drawing${number}.xml.rels`,
    toRelations(
      'chart',
      paths.map((path) => `../${path}`),
    ),
  );
  for (const [index, chart] of charts.entries()) add(`xl/${paths[index]}`, toChart(chart, name, isRtl));
}
