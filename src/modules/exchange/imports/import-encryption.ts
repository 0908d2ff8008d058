import { encryptedField } from '../../../core/encryption/encrypted-column.js';
import type { DateFormat, FoundColumn } from './mapping/column-mapping.js';

export const IMPORT_LAYOUT = encryptedField('import', 'layout', { id: 'uuid' });
export const IMPORT_ROW = encryptedField('import_row', 'content', { id: 'uuid' });

/** How a file is read. */
export interface ImportLayout {
  /** The row number of the header. */
  headerRow: number;
  columns: FoundColumn[];
  ambiguous: string[];
  dateFormat: DateFormat | null;
  currency: string | null;
}

/** Another visit at the same time. */
export interface Collision {
  appointmentId: string | null;
  startDateTime: string;
}

export interface ImportError {
  /** The header of the column; null if the error is not of one column. */
  column: string | null;
  code: string;
  message: string;
  with?: Collision;
}

export interface FailedRow {
  rowNumber: number;
  /** The cells as texts. */
  cells: string[];
  errors: ImportError[];
}
