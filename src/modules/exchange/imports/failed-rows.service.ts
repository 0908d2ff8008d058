import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../../core/changes/change-log.js';
import { currentContext, runInContext } from '../../../core/context/request-context.js';
import { manages, type Actor } from '../../../core/kernel/actor.js';
import { notFound } from '../../../core/kernel/domain-error.js';
import { BYTE_ORDER_MARK, toCsvRows } from '../../../core/spreadsheets/csv.js';
import type { FailedRow } from './failed-row.js';
import { ImportRowsRepository } from './import-rows.repository.js';
import { ImportsRepository } from './imports.repository.js';

const PAGE_ROWS = 500;
/** The column that an upload ignores. */
const ERROR_COLUMN = 'error';

/** Writes the failed rows of an import as a file that can be corrected and uploaded again. */
@Injectable()
export class FailedRowsService {
  constructor(
    private readonly imports: ImportsRepository,
    private readonly rows: ImportRowsRepository,
    private readonly changes: ChangeLog,
  ) {}

  /** The file's columns and a column with the errors. Audited, because it contains people. @throws DomainError NOT_FOUND */
  async read(actor: Actor, id: string): Promise<Readable> {
    const view = await this.imports.find(id);
    if (!view || !manages(actor, view.clinicId)) throw notFound();
    const { clinicId, kind, failed } = view;
    const access = { action: 'import.failed-read', objectType: 'import', objectId: id, clinicId };
    await this.changes.recordAccess({ ...access, changes: { kind, failed } });
    return Readable.from(this.write(id, [...view.columns.map(({ header }) => header), ERROR_COLUMN]));
  }

  private async *write(id: string, header: readonly string[]): AsyncGenerator<string, void> {
    // A stream may continue in the context of another request.
    const context = currentContext();
    yield BYTE_ORDER_MARK + toCsvRows([header]);
    for (let last = 0; ;) {
      const page = await runInContext(context, () => this.rows.findAfter(id, last, PAGE_ROWS));
      if (page.length === 0) return;
      last = page.at(-1)?.rowNumber ?? last;
      yield toCsvRows(page.map((row) => [...row.cells, toErrorText(row)]));
    }
  }
}

const toErrorText = ({ errors }: FailedRow): string =>
  errors.map(({ column, message }) => (column === null ? message : `${column}: ${message}`)).join('; ');
