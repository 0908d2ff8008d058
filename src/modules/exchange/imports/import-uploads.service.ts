import { Injectable } from '@nestjs/common';
import { stat } from 'node:fs/promises';
import { mayHaveCommitted } from '../../../core/database/database-errors.js';
import { Database } from '../../../core/database/database.js';
import { storeAnswer } from '../../../core/http/idempotency-keys.js';
import { getAccountId, manages, type Actor } from '../../../core/kernel/actor.js';
import { notFound } from '../../../core/kernel/domain-error.js';
import { newId } from '../../../core/kernel/id.js';
import { countUpload } from '../../../core/metrics/upload-metrics.js';
import { detectTableFormat } from '../../../core/spreadsheets/reading/read-table.js';
import type { TableFormat } from '../../../core/spreadsheets/reading/table.js';
import type { ImportLayout } from './import-layout.js';
import { ImportFiles } from './import-files.js';
import { ImportFollowUp } from './import-follow-up.js';
import type { ImportForm } from './import-upload.interceptor.js';
import type { ImportStatus } from './import.entity.js';
import { readHeader } from './import-table.js';
import type { ImportDetailsView, UploadImport } from './imports.dto.js';
import { ImportsRepository } from './imports.repository.js';
import { applyMapping } from './mapping/apply-mapping.js';
import { guessMapping, missingFields } from './mapping/column-mapping.js';
import { ServiceCurrency } from './service-currency.js';

/** Stores uploaded files, and begins their dry runs and imports. */
@Injectable()
export class ImportUploadsService {
  constructor(
    private readonly db: Database,
    private readonly imports: ImportsRepository,
    private readonly files: ImportFiles,
    private readonly followUp: ImportFollowUp,
    private readonly currencies: ServiceCurrency,
  ) {}

  /**
   * Reads the header, stores the file, and begins the dry run or the import, unless fields are missing. The file is stored before the row:
   * after a crash there may be a file without a row, which the sweep deletes, but never a row without a file.
   * @throws DomainError NOT_FOUND for a clinic that the actor does not manage, VALIDATION_ERROR, IN_USE
   */
  async upload(actor: Actor, form: ImportForm): Promise<ImportDetailsView> {
    // Before it is stored, which may move the file.
    const { size } = await stat(form.path);
    return countUpload('import', size, () => this.store(actor, form));
  }

  private async store(actor: Actor, { path, fields }: ImportForm): Promise<ImportDetailsView> {
    if (!manages(actor, fields.clinicId)) throw notFound();
    const currency = await this.currencies.find(actor, fields.clinicId);
    const format = await detectTableFormat(path);
    const layout = await readLayout(path, format, fields, currency);
    const id = newId();
    await this.files.store(id, path);
    try {
      return await this.insert(actor, { id, format, layout, fields });
    } catch (error) {
      // If the connection was lost during the commit, the row may exist: the sweep decides later.
      if (!mayHaveCommitted(error)) await this.files.tryDelete(id);
      throw error;
    }
  }

  private async insert(
    actor: Actor,
    { id, format, layout, fields }: { id: string; format: TableFormat; layout: ImportLayout; fields: UploadImport },
  ): Promise<ImportDetailsView> {
    const { kind, dryRun: isDryRun } = fields;
    const clinicId = fields.clinicId.toLowerCase();
    const isComplete = missingFields(kind, layout.columns).length === 0;
    const status: ImportStatus = isComplete ? (isDryRun ? 'CHECKING' : 'RUNNING') : 'MAPPING';
    return this.db.transaction(async () => {
      const row = { id, clinicId, kind, format, status, createdBy: getAccountId(actor) };
      await this.imports.insert({ ...row, isDryRun: status !== 'RUNNING' }, layout);
      await this.followUp.record('created', row, { kind, format, isDryRun });
      this.followUp.enqueueAfterCommit(id);
      const view = await this.imports.find(id);
      if (!view) throw notFound();
      const details = { ...view, errors: [] };
      await storeAnswer(this.db, details);
      return details;
    });
  }
}

async function readLayout(
  path: string,
  format: TableFormat,
  { kind, mapping = {} }: UploadImport,
  currency: string | null,
): Promise<ImportLayout> {
  const { headerRow, headers } = await readHeader(path, format, kind);
  const guessed = guessMapping(kind, headers);
  return applyMapping(kind, { headerRow, ...guessed, dateFormat: null, currency }, mapping);
}
