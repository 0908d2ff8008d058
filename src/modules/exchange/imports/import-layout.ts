import type { DateFormat, FoundColumn } from './mapping/column-mapping.js';

/** How a file is read. */
export interface ImportLayout {
  /** The row number of the header. */
  headerRow: number;
  columns: FoundColumn[];
  ambiguous: string[];
  dateFormat: DateFormat | null;
  currency: string | null;
}
