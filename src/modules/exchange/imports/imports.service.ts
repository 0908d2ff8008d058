import { Injectable } from '@nestjs/common';
import { assertVersion } from '../../../core/changes/versioned-update.js';
import { Database } from '../../../core/database/database.js';
import { storeAnswer } from '../../../core/http/idempotency-keys.js';
import type { Page } from '../../../core/http/page.js';
import { manages, type Actor } from '../../../core/kernel/actor.js';
import { Clock } from '../../../core/kernel/clock.js';
import { DomainError, notFound } from '../../../core/kernel/domain-error.js';
import type { ImportDetailsView, ImportErrorView, ImportMapping, ImportsQuery, ImportView } from './imports.dto.js';
import type { ImportError } from './failed-row.js';
import { ImportFollowUp } from './import-follow-up.js';
import { ImportRowsRepository } from './import-rows.repository.js';
import type { ImportStatus } from './import.entity.js';
import { ImportsRepository, type ImportWithLayout } from './imports.repository.js';
import { applyMapping } from './mapping/apply-mapping.js';
import { missingFields } from './mapping/column-mapping.js';

const MAX_ERRORS = 100;

/** Lists imports, and changes and starts them. */
@Injectable()
export class ImportsService {
  constructor(
    private readonly db: Database,
    private readonly imports: ImportsRepository,
    private readonly rows: ImportRowsRepository,
    private readonly followUp: ImportFollowUp,
    private readonly clock: Clock,
  ) {}

  list(actor: Actor, query: ImportsQuery): Promise<Page<ImportView>> {
    return this.imports.list(actor, query);
  }

  /** @throws DomainError NOT_FOUND for an import of a clinic that the actor does not manage */
  async get(actor: Actor, id: string): Promise<ImportDetailsView> {
    const view = await this.imports.find(id);
    if (!view || !manages(actor, view.clinicId)) throw notFound();
    return { ...view, errors: await this.readErrors(id) };
  }

  /**
   * Changes which columns are read as which fields, and begins the dry run anew.
   * @throws DomainError VALIDATION_ERROR, INVALID_TRANSITION after the start
   */
  changeMapping(actor: Actor, id: string, mapping: ImportMapping, version: number | null): Promise<ImportDetailsView> {
    return this.restart(actor, id, ['MAPPING', 'CHECKING', 'CHECKED'], async (row) => {
      assertVersion(version, row);
      const layout = applyMapping(row.kind, row.layout, mapping);
      const status = missingFields(row.kind, layout.columns).length > 0 ? 'MAPPING' : 'CHECKING';
      await this.imports.restart(id, status, this.now, layout);
      await this.followUp.record('mapping-changed', row, { kind: row.kind });
    });
  }

  /** Starts the import after its dry run. @throws DomainError INVALID_TRANSITION, IN_USE while another one runs at the clinic */
  start(actor: Actor, id: string): Promise<ImportDetailsView> {
    return this.restart(actor, id, ['CHECKED'], async (row) => {
      await this.imports.restart(id, 'RUNNING', this.now);
      await this.followUp.record('started', row, { kind: row.kind });
    });
  }

  /** Deletes the import with its file and failed rows. One that runs stops; what it has imported stays. */
  async delete(actor: Actor, id: string): Promise<null> {
    await this.db.transaction(async () => {
      const { kind, clinicId, done, created } = await this.lock(actor, id);
      await this.imports.delete(id);
      await this.followUp.record('deleted', { id, clinicId }, { kind, done, created });
    });
    await this.followUp.deleteFile(id);
    return null;
  }

  private async restart(
    actor: Actor,
    id: string,
    from: readonly ImportStatus[],
    work: (row: ImportWithLayout) => Promise<void>,
  ): Promise<ImportDetailsView> {
    return this.db.transaction(async () => {
      const row = await this.lock(actor, id);
      if (!from.includes(row.status)) throw invalidTransition(row.status, from);
      await work(row);
      await this.rows.deleteAll(id);
      this.followUp.enqueueAfterCommit(id);
      const view = await this.get(actor, id);
      await storeAnswer(this.db, view);
      return view;
    });
  }

  private async lock(actor: Actor, id: string): Promise<ImportWithLayout> {
    const row = await this.imports.lock(id);
    if (!row || !manages(actor, row.clinicId)) throw notFound();
    return row;
  }

  private async readErrors(id: string): Promise<ImportErrorView[]> {
    const rows = await this.rows.findAfter(id, 0, MAX_ERRORS);
    return rows
      .flatMap(({ rowNumber, errors }) => errors.map((error): ImportErrorView => toErrorView(rowNumber, error)))
      .slice(0, MAX_ERRORS);
  }

  private get now(): Date {
    return new Date(this.clock.now());
  }
}

function toErrorView(row: number, { column, code, message, with: other }: ImportError): ImportErrorView {
  const visit = other && { ...other, startDateTime: new Date(other.startDateTime) };
  return { row, column, code, message, ...(visit && { with: visit }) };
}

const invalidTransition = (status: ImportStatus, from: readonly ImportStatus[]): DomainError =>
  new DomainError(
    'INVALID_TRANSITION',
    `The import is ${status}. This is possible only if it is ${from.join(' or ')}.`,
  );
