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
