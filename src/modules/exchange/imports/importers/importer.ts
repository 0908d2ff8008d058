import type { Actor } from '../../../../core/kernel/actor.js';
import type { ErrorCode } from '../../../../core/kernel/domain-error.js';
import type { Zone } from '../../../../core/kernel/zone.js';
import type { Collision } from '../failed-row.js';
import type { SeenKeys } from '../seen-keys.js';
import type { CellProblem, FieldValue } from '../values/row-reader.js';

/** What all rows of an import have in common. */
export interface ImportContext {
  actor: Actor;
  clinicId: string;
  zone: Zone;
  /** Of prices without a currency. */
  currency: string | null;
  /** The keys of the earlier rows of a dry run, whose records were rolled back. Null in an import, which finds the records. */
  seenKeys: SeenKeys | null;
}

export type Values = Readonly<Record<string, FieldValue>>;

export interface RowError {
  /** Null: the error is not of one field. */
  field: string | null;
  code: ErrorCode;
  message: string;
  with?: Collision;
}

export type RowOutcome = 'CREATED' | 'UNCHANGED' | { errors: RowError[] };

/** A row as a request, and its errors by the rules of the request's class. */
export interface CheckedRow<Request> {
  request: Request;
  errors: CellProblem[];
}

/** Imports rows of one kind. */
export interface Importer<Request> {
  /** How many rows a batch has, which is one transaction. */
  readonly batchSize: number;
  /** Turns the values of a row into a request and checks it. */
  check(values: Values, context: ImportContext): CheckedRow<Request>;
  /**
   * Imports valid rows in the current transaction.
   * @returns an outcome for each row, in their order
   * @throws DomainError that concerns the whole batch: the rows are then imported one by one
   */
  importAll(context: ImportContext, requests: readonly Request[]): Promise<RowOutcome[]>;
}

/** The value of a field that is a text. */
export const text = (values: Values, name: string): string | undefined => {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
};

export const list = (values: Values, name: string): string[] | undefined => {
  const value = values[name];
  return Array.isArray(value) ? value : undefined;
};

/** The values of these fields, without those that the row does not have. */
export const pick = (values: Values, names: readonly string[]): Record<string, FieldValue | undefined> =>
  Object.fromEntries(names.filter((name) => name in values).map((name) => [name, values[name]]));

export const refusal = (field: string | null, message: string, code: ErrorCode = 'VALIDATION_ERROR'): RowOutcome => ({
  errors: [{ field, code, message }],
});
