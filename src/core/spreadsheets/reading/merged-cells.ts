import type { Readable } from 'node:stream';
import { DomainError } from '../../kernel/domain-error.js';
import { toColumnNumber } from '../columns.js';
import type { ReadCell, TableRow } from './table.js';
import { damaged, unreadable } from './unreadable.js';

const MERGED = /<(?:\w+:)?mergeCell\b[^<>]*?\bref\s*=\s*["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']/g;
/** Longer than a tag can be, for one that two chunks share. */
const OVERLAP = 300;
const MAX_RANGES = 20_000;

interface MergedRange {
  /** The columns count from 0, the rows from 1. */
  firstColumn: number;
  firstRow: number;
  lastColumn: number;
  lastRow: number;
}

/**
 * Finds the merged ranges of a sheet, which stand behind its rows. Looks only for their tags, which is much faster than reading the XML twice.
 * @returns by first row
 */
export async function findMergedRanges(stream: Readable): Promise<MergedRange[]> {
  const ranges: MergedRange[] = [];
  let rest = '';
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const text = rest + chunk.toString('latin1');
      let end = 0;
      for (const match of text.matchAll(MERGED)) {
        ranges.push(toRange(match));
        end = match.index + match[0].length;
      }
      if (ranges.length > MAX_RANGES) throw unreadable(`has more than ${MAX_RANGES} merged cells`);
      rest = text.slice(Math.max(end, text.length - OVERLAP));
    }
  } catch (error) {
    throw error instanceof DomainError ? error : damaged();
  }
  return ranges.sort((a, b) => a.firstRow - b.firstRow);
}

const toRange = ([, firstColumn = '', firstRow, lastColumn = '', lastRow]: RegExpExecArray): MergedRange => ({
  firstColumn: toColumnNumber(firstColumn),
  firstRow: Number(firstRow),
  lastColumn: toColumnNumber(lastColumn),
  lastRow: Number(lastRow),
});

/** Gives all cells of a merged range the value of its first one. Rows must come in their order. */
export class MergedCells {
  private next = 0;
  private active: { range: MergedRange; value: ReadCell }[] = [];

  constructor(
    private readonly ranges: readonly MergedRange[],
    private readonly maxColumns: number,
  ) {}

  fill({ number, cells }: TableRow): void {
    this.active = this.active.filter(({ range }) => range.lastRow >= number);
    for (let range = this.ranges[this.next]; range && range.firstRow <= number; range = this.ranges[this.next]) {
      this.next += 1;
      const value = range.firstRow === number ? (cells[range.firstColumn] ?? null) : null;
      if (value !== null && range.lastRow >= number) this.active.push({ range, value });
      // Ranges do not overlap, so that a row has at most one for each column.
      if (this.active.length > this.maxColumns) throw damaged();
    }
    for (const { range, value } of this.active) {
      const last = Math.min(range.lastColumn, this.maxColumns - 1);
      for (let column = range.firstColumn; column <= last; column += 1) cells[column] ??= value;
    }
    // A filled cell behind the last one of the row leaves holes.
    for (let column = 0; column < cells.length; column += 1) cells[column] ??= null;
  }
}
