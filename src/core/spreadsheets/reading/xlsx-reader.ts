import { findMergedRanges, MergedCells } from './merged-cells.js';
import { SharedStrings } from './shared-strings.js';
import { SheetRows } from './sheet-rows.js';
import { MAX_COLUMNS, type TableRow } from './table.js';
import { readWorkbook, type Workbook } from './workbook.js';
import { readXml } from './xml-reader.js';
import { XlsxZip } from './xlsx-zip.js';

/**
 * Reads the first visible sheet of an xlsx file (ECMA-376), row by row: dates as dates, formulas as their stored values, merged cells as
 * the value of the first one. Hidden rows and columns are read like others. Rows without any value are left out.
 * @param temporaryPath where the file's texts are kept; the caller deletes it
 * @throws DomainError VALIDATION_ERROR
 */
export async function* readXlsx(path: string, temporaryPath: string): AsyncGenerator<TableRow, void> {
  const zip = await XlsxZip.open(path);
  let strings: SharedStrings | null = null;
  try {
    const workbook = await readWorkbook(zip);
    const { sharedStringsPath } = workbook;
    if (sharedStringsPath !== null && zip.has(sharedStringsPath)) {
      strings = new SharedStrings(temporaryPath);
      await strings.load(await zip.read(sharedStringsPath));
    }
    yield* readSheet(zip, workbook, strings);
  } finally {
    strings?.close();
    zip.close();
  }
}

async function* readSheet(
  zip: XlsxZip,
  workbook: Workbook,
  strings: SharedStrings | null,
): AsyncGenerator<TableRow, void> {
  const { sheetPath } = workbook;
  const merged = new MergedCells(await findMergedRanges(await zip.read(sheetPath)), MAX_COLUMNS);
  const rows = new SheetRows(workbook, strings);
  for await (const _ of readXml(await zip.read(sheetPath), rows)) {
    for (const row of rows.take()) {
      merged.fill(row);
      if (row.cells.some((cell) => cell !== null)) yield row;
    }
  }
}
