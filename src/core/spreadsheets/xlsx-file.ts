import { PassThrough, Readable } from 'node:stream';
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

/** The rows that a sheet can have. */
const MAX_ROWS = 1_048_576;

export interface XlsxTable {
  /** The name of the sheet: letters, digits and hyphens, at most 28. */
  name: string;
  /** The texts of the first row. */
  header: readonly string[];
  /** The rows, in batches, which are read as fast as the file is. */
  batches: AsyncIterable<readonly (readonly Cell[])[]>;
}

/**
 * Writes an xlsx file (ECMA-376) while its rows are read. Rows that do not fit on a sheet continue on the next. The stream fails if a
 * batch cannot be read: an incomplete file cannot be opened. If the stream is destroyed, the batches are closed.
 * @param maxRows the rows of a sheet, with the header
 */
export function createXlsx({ name, header, batches }: XlsxTable, maxRows = MAX_ROWS): Readable {
  const zip = new ZipFile();
  const output = zip.outputStream.pipe(new PassThrough());
  const rows = new RowSource(batches);
  let current: Readable | null = null;
  output.once('close', () => {
    current?.destroy();
    void rows.close();
  });
  const addSheet = (number: number): void =>
    zip.addReadStreamLazy(`xl/worksheets/sheet${number}.xml`, (done) => {
      current = Readable.from(writeSheet(rows, header, maxRows));
      current.once('error', (error) => output.destroy(error));
      current.once('end', () => (rows.isDone ? addParts(zip, name, number) : addSheet(number + 1)));
      done(null, current);
      if (output.destroyed) current.destroy();
    });
  addSheet(1);
  return output;
}

async function* writeSheet(rows: RowSource, header: readonly string[], maxRows: number): AsyncGenerator<string, void> {
  yield toSheetStart() + toHeaderRow(header);
  let number = 2;
  while ((await rows.hasNext()) && number <= maxRows) {
    const first = number;
    const batch = rows.take(maxRows - first + 1);
    yield batch.map((row, index) => toXlsxRow(first + index, row)).join('');
    number += batch.length;
  }
  yield SHEET_END;
}

/** The parts that name all sheets, after the sheets. */
function addParts(zip: ZipFile, name: string, sheets: number): void {
  const names = Array.from({ length: sheets }, (_, index) => (index === 0 ? name : `${name}-${index + 1}`));
  const add = (path: string, text: string): void => zip.addBuffer(Buffer.from(text), path);
  add('xl/styles.xml', STYLES);
  add('xl/workbook.xml', toWorkbook(names));
  add('xl/_rels/workbook.xml.rels', toWorkbookRelations(sheets));
  add('_rels/.rels', ROOT_RELATIONS);
  add('[Content_Types].xml', toContentTypes(sheets));
  zip.end();
}

type Batch = readonly (readonly Cell[])[];

/** Reads batches for several sheets: the end of a batch that does not fit on one sheet is for the next. */
class RowSource {
  private readonly batches: AsyncIterator<Batch>;
  private rest: Batch = [];
  private isRead = false;

  constructor(batches: AsyncIterable<Batch>) {
    this.batches = batches[Symbol.asyncIterator]();
  }

  get isDone(): boolean {
    return this.isRead && this.rest.length === 0;
  }

  /** Reads the next batch if all rows of the last one are taken. */
  async hasNext(): Promise<boolean> {
    while (this.rest.length === 0 && !this.isRead) {
      const result = await this.batches.next();
      if (result.done) this.isRead = true;
      else this.rest = result.value;
    }
    return !this.isDone;
  }

  take(limit: number): Batch {
    const rows = this.rest.slice(0, limit);
    this.rest = this.rest.slice(limit);
    return rows;
  }

  /** Ends the reading. The rows are no longer needed, so an error is ignored. */
  async close(): Promise<void> {
    this.isRead = true;
    await this.batches.return?.().catch(() => undefined);
  }
}
