import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import type { Cell } from './cell.js';
import { toHeaderRow, toXlsxRow } from './xlsx-cells.js';
import {
  ROOT_RELATIONS,
  SHEET_END,
  STYLES,
  toContentTypes,
  toSheetStart,
  toWorkbook,
  toWorkbookRelations,
} from './xlsx-parts.js';

export interface WorkbookSheet {
  /** Letters, digits, spaces and hyphens, at most 31. */
  name: string;
  /** The texts of the first row. */
  header: readonly string[];
  rows: readonly (readonly Cell[])[];
}

/** A small xlsx file (ECMA-376) with several sheets, which are in memory. For long lists, see `createXlsx`. */
export async function createWorkbook(
  sheets: readonly WorkbookSheet[],
  { isRightToLeft = false } = {},
): Promise<Buffer> {
  const zip = new ZipFile();
  const add = (path: string, text: string): void => zip.addBuffer(Buffer.from(text), path);
  for (const [index, { header, rows }] of sheets.entries()) {
    const content = rows.map((row, number) => toXlsxRow(number + 2, row)).join('');
    add(`xl/worksheets/sheet${index + 1}.xml`, toSheetStart(isRightToLeft) + toHeaderRow(header) + content + SHEET_END);
  }
  add('xl/styles.xml', STYLES);
  add('xl/workbook.xml', toWorkbook(sheets.map(({ name }) => name)));
  add('xl/_rels/workbook.xml.rels', toWorkbookRelations(sheets.length));
  add('_rels/.rels', ROOT_RELATIONS);
  add('[Content_Types].xml', toContentTypes(sheets.length));
  zip.end();
  return buffer(zip.outputStream);
}
