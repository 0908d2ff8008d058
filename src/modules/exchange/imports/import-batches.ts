import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import type { TableRow } from '../../../core/spreadsheets/reading/table.js';
import type { FailedRow, ImportError } from './failed-row.js';
import { ImportProgress } from './import-progress.js';
import { ImportRowsRepository } from './import-rows.repository.js';
import { Importers } from './importers/importers.js';
import { toRowErrors } from './importers/row-attempts.js';
import type { ImportContext, Importer, RowError, RowOutcome } from './importers/importer.js';
import { ImportsRepository, type BatchCounts, type ClaimedImport } from './imports.repository.js';
import { readRow, type MappedColumn, type RowValues } from './values/row-reader.js';
import { toWrittenCells } from './values/written-cells.js';

/** Longer than a batch takes. */
export const LEASE_SECONDS = 20;

/** Thrown if another process has claimed the import, or it was changed or deleted: the work of this process is rolled back. */
export class ClaimLost extends Error {}

/** Rolls back what a dry run has written. */
class DryRunEnd extends Error {}

/** An import in progress. */
export interface RunningImport {
  claim: ClaimedImport;
  context: ImportContext;
  columns: readonly MappedColumn[];
}

interface CheckedTableRow {
  row: TableRow;
  read: RowValues;
  request: unknown;
  errors: RowError[];
}

/** Imports the batches of a file, each in one transaction with its failed rows and the progress. */
@Injectable()
export class ImportBatches {
  constructor(
    private readonly db: Database,
    private readonly imports: ImportsRepository,
    private readonly rows: ImportRowsRepository,
    private readonly importers: Importers,
    private readonly progress: ImportProgress,
  ) {}

  getBatchSize({ kind }: ClaimedImport): number {
    return this.importers.get(kind).batchSize;
  }

  /** @param publishes whether to tell the sockets of the clinic @returns the counts of the batch @throws ClaimLost */
  async run(
    running: RunningImport,
    rows: readonly TableRow[],
    { publishes }: { publishes: boolean },
  ): Promise<BatchCounts> {
    const { claim } = running;
    const importer = this.importers.get(claim.kind);
    const checked = rows.map((row) => check(importer, running, row));
    const { seenKeys } = running.context;
    const batch = await this.db.transaction(async () => {
      seenKeys?.restart();
      const outcomes = await this.import(importer, running, checked);
      const { counts, failed } = toResult(running, checked, outcomes);
      if (!(await this.imports.advance(claim, counts, LEASE_SECONDS))) throw new ClaimLost();
      await this.rows.insertAll(claim.id, failed);
      if (publishes) await this.progress.publish(addCounts(claim, counts));
      return counts;
    });
    seenKeys?.commit();
    return batch;
  }

  private async import(
    importer: Importer<unknown>,
    { context }: RunningImport,
    checked: readonly CheckedTableRow[],
  ): Promise<RowOutcome[]> {
    const valid = checked.filter(({ errors }) => errors.length === 0).map(({ request }) => request);
    const outcomes = await this.importValid(importer, context, valid);
    return checked.map(({ errors }) => (errors.length > 0 ? { errors } : (outcomes.shift() ?? 'UNCHANGED')));
  }

  private async importValid(
    importer: Importer<unknown>,
    context: ImportContext,
    requests: readonly unknown[],
  ): Promise<RowOutcome[]> {
    const result = await this.attempt(context, () => importer.importAll(context, requests));
    if (Array.isArray(result)) return result;
    if (requests.length === 1) return [result];
    const outcomes: RowOutcome[] = [];
    for (const request of requests) {
      const [outcome] = await this.importValid(importer, context, [request]);
      outcomes.push(outcome ?? 'UNCHANGED');
    }
    return outcomes;
  }

  /** Runs work under a savepoint; that of a dry run is rolled back. @returns the outcomes, or an error of the whole batch */
  private async attempt(
    { seenKeys }: ImportContext,
    work: () => Promise<RowOutcome[]>,
  ): Promise<RowOutcome[] | { errors: RowError[] }> {
    let outcomes: RowOutcome[] = [];
    const result = await this.db.attempt(async () => {
      outcomes = await work();
      if (seenKeys) throw new DryRunEnd();
    });
    if ('value' in result || result.error instanceof DryRunEnd) return outcomes;
    return { errors: toRowErrors(result.error) };
  }
}

/** Of a field whose cell cannot be read, only that is reported, and not that it is missing. */
function check(importer: Importer<unknown>, { context, columns }: RunningImport, row: TableRow): CheckedTableRow {
  const read = readRow(row.cells, columns, context.currency);
  const { values, problems } = read;
  const { request, errors } = importer.check(values, context);
  const unreadable = new Set(problems.map(({ field }) => field));
  const all = [...problems, ...errors.filter(({ field }) => !unreadable.has(field.split(/[.[]/)[0] ?? ''))];
  const rowErrors = all.map(({ field, error }): RowError => ({ field, code: 'VALIDATION_ERROR', message: error }));
  return { row, read, request, errors: rowErrors };
}

function toResult(
  running: RunningImport,
  rows: readonly CheckedTableRow[],
  outcomes: readonly RowOutcome[],
): { counts: BatchCounts; failed: FailedRow[] } {
  const count = (wanted: RowOutcome): number => outcomes.filter((outcome) => outcome === wanted).length;
  const failed = rows.flatMap((row, index) => {
    const outcome = outcomes[index];
    return typeof outcome === 'object' ? [toFailedRow(running, row, outcome.errors)] : [];
  });
  const counts = { created: count('CREATED'), unchanged: count('UNCHANGED'), failed: failed.length };
  return { counts: { rows: rows.length, ...counts }, failed };
}

function toFailedRow({ claim, columns }: RunningImport, { row, read }: CheckedTableRow, errors: RowError[]): FailedRow {
  const { columns: all } = claim.layout;
  const toError = ({ field, ...error }: RowError): ImportError => {
    const index = findColumn(columns, field);
    const column = index === undefined ? null : (all[index]?.header ?? null);
    // The message must name a field that has no column.
    return { ...error, column, message: column === null && field ? `${field} ${error.message}` : error.message };
  };
  const cells = toWrittenCells(row.cells, columns, read, all.length);
  return { rowNumber: row.number, cells, errors: errors.map(toError) };
}

/** The column of a field, such as `price.amount`. First and last name can come from one column. */
function findColumn(columns: readonly MappedColumn[], field: string | null): number | undefined {
  const name = field?.split(/[.[]/)[0];
  const find = (wanted: string | undefined): number | undefined =>
    columns.find((one) => one.field.name === wanted)?.index;
  return find(name) ?? (name === 'firstName' || name === 'lastName' ? find('fullName') : undefined);
}

/** The import after a batch. */
export const addCounts = (claim: ClaimedImport, { rows, created, unchanged, failed }: BatchCounts): ClaimedImport => ({
  ...claim,
  done: claim.done + rows,
  created: claim.created + created,
  unchanged: claim.unchanged + unchanged,
  failed: claim.failed + failed,
});
