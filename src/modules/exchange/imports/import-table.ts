import { unreadable } from '../../../core/spreadsheets/reading/unreadable.js';
import { readTable } from '../../../core/spreadsheets/reading/read-table.js';
import type { ReadCell, TableFormat, TableRow } from '../../../core/spreadsheets/reading/table.js';
import type { ImportKind } from './import-kinds.js';
import type { ImportLayout } from './import-layout.js';
import type { ImportAnalysis } from './import.entity.js';
import { countKnownHeaders, toHeaders } from './mapping/column-mapping.js';
import { DayOrderFinder } from './values/days.js';
import { DecimalMarkFinder } from './values/numbers.js';
import { getMappedColumns } from './values/mapped-columns.js';

const MAX_ROWS = 200_000;
/** A title can stand above the header. */
const MAX_ROWS_ABOVE = 10;
/** Of a batch, so that its rows fit into memory: cells can be long. */
const MAX_BATCH_CHARACTERS = 2_000_000;
/** How much a number, a date or an empty cell counts. */
const SHORT_CELL_CHARACTERS = 8;
/** Rows that are read at once to analyze the file. */
const ANALYZED_ROWS = 1_000;

/**
 * Finds the header: the first row with two columns that are known, or else the first row.
 * @throws DomainError VALIDATION_ERROR for a file without rows, and for one that cannot be read
 */
export async function readHeader(
  path: string,
  format: TableFormat,
  kind: ImportKind,
): Promise<{ headerRow: number; headers: string[] }> {
  const first: TableRow[] = [];
  for await (const row of readTable(path, format)) {
    first.push(row);
    if (first.length === MAX_ROWS_ABOVE || countKnownHeaders(kind, row.cells) >= 2) break;
  }
  const header = first.find(({ cells }) => countKnownHeaders(kind, cells) >= 2) ?? first[0];
  if (!header) throw unreadable('has no rows');
  return { headerRow: header.number, headers: toHeaders(header.cells) };
}

/** The rows below the header, in batches. @param skip rows that are done */
export async function* readBatches(
  path: string,
  format: TableFormat,
  { headerRow, skip, size }: { headerRow: number; skip: number; size: number },
): AsyncGenerator<TableRow[], void> {
  let batch: TableRow[] = [];
  let characters = 0;
  let read = 0;
  for await (const row of readTable(path, format)) {
    if (row.number <= headerRow) continue;
    read += 1;
    if (read > MAX_ROWS) throw unreadable(`has more than ${MAX_ROWS} rows`);
    if (read <= skip) continue;
    batch.push(row);
    characters += row.cells.reduce<number>(
      (sum, cell) => sum + (typeof cell === 'string' ? cell.length : SHORT_CELL_CHARACTERS),
      0,
    );
    if (batch.length < size && characters < MAX_BATCH_CHARACTERS) continue;
    yield batch;
    batch = [];
    characters = 0;
  }
  if (batch.length > 0) yield batch;
}

/**
 * Reads the whole file once: counts its rows, and finds the order of day and month of each column with dates, and the decimal marks of
 * amounts.
 */
export async function analyzeTable(
  path: string,
  format: TableFormat,
  { kind, layout, country }: { kind: ImportKind; layout: ImportLayout; country: string | null },
): Promise<{ total: number; analysis: ImportAnalysis }> {
  const days = getMappedColumns(kind, layout, null)
    .filter(({ field }) => field.type === 'day' || field.type === 'dateTime')
    .map(({ index, field }) => ({ index, name: field.name, finder: new DayOrderFinder() }));
  const amounts = getMappedColumns(kind, layout, null)
    .filter(({ field }) => field.type === 'money')
    .map(({ index, field }) => ({ index, name: field.name, finder: new DecimalMarkFinder() }));
  let total = 0;
  for await (const rows of readBatches(path, format, { headerRow: layout.headerRow, skip: 0, size: ANALYZED_ROWS })) {
    total += rows.length;
    for (const { cells } of rows)
      for (const { index, finder } of [...days, ...amounts]) addText(finder, cells[index] ?? null);
  }
  const orders = Object.fromEntries(days.map(({ name, finder }) => [name, finder.decide(country)]));
  const decimalMarks = Object.fromEntries(amounts.map(({ name, finder }) => [name, finder.decide()]));
  return { total, analysis: { orders, decimalMarks } };
}

function addText(finder: DayOrderFinder | DecimalMarkFinder, cell: ReadCell): void {
  if (typeof cell === 'string') finder.add(cell);
}
