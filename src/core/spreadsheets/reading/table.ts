import type { LocalDay, LocalTime } from '../cell.js';

const NOT_CALCULATED = 'is a formula without a stored value; open the file in a spreadsheet program and save it';

/** A cell without a value: an error of a formula, such as `#N/A`, or a formula whose value is not stored. */
export class CellError {
  /** @param code as the cell shows it; empty for a formula without a stored value */
  constructor(readonly code: string) {}

  get reason(): string {
    return this.code === '' ? NOT_CALCULATED : `has the error ${this.code}`;
  }

  toString(): string {
    return this.code;
  }
}

/** A cell as it is read. Empty cells are null, never an empty text. */
export type ReadCell = string | number | boolean | null | LocalDay | LocalTime | CellError;

export interface TableRow {
  /** As the spreadsheet program shows it: the first row is 1. */
  number: number;
  cells: ReadCell[];
}

export type TableFormat = 'csv' | 'xlsx';

/** More columns are refused: a list has fewer, and each costs memory in every row. */
export const MAX_COLUMNS = 200;
