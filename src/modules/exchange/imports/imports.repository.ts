import { Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import { registerConstraintErrors } from '../../../core/database/constraint-errors.js';
import { Database } from '../../../core/database/database.js';
import { FieldEncryption } from '../../../core/encryption/field-encryption.js';
import { byCreation, readPage, type Page } from '../../../core/http/page.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { DomainError } from '../../../core/kernel/domain-error.js';
import { IMPORT_LAYOUT } from './import-encryption.js';
import type { ImportLayout } from './import-layout.js';
import { Import, type ImportAnalysis, type ImportStatus } from './import.entity.js';
import type { ImportsQuery, ImportView } from './imports.dto.js';
import { missingFields } from './mapping/column-mapping.js';

/** The days for which files and failed rows are kept. */
export const KEEP_DAYS = 7;

registerConstraintErrors({
  import_running: () =>
    new DomainError('IN_USE', 'Another import of this clinic is running. Start this one when it is done.'),
});

/** A view as it is read, with its encrypted layout. */
type ImportViewRow = Omit<ImportView, 'columns' | 'ambiguous' | 'missing' | 'dateFormat' | 'currency'> & {
  layout: Buffer;
};

type StoredLayout = Pick<ImportViewRow, 'id' | 'layout'>;

const COLUMNS = `
  i.id, i.clinic_id AS "clinicId", i.kind, i.format, i.status, i.is_dry_run AS "isDryRun", i.layout,
  i.total, i.done, i.created, i.unchanged, i.failed, i.failure, i.created_at AS "createdAt",
  i.finished_at AS "finishedAt", i.updated_at + interval '${KEEP_DAYS} days' AS "expiresAt", i.version`;

/** Shown if a layout cannot be decrypted. */
const UNREADABLE: ImportLayout = { headerRow: 1, columns: [], ambiguous: [], dateFormat: null, currency: null };

const NO_COUNTS = { done: 0, created: 0, unchanged: 0, failed: 0 };

const SORTS = { createdAt: byCreation('i.id') } as const;

/** What a batch has done. */
export interface BatchCounts {
  rows: number;
  created: number;
  unchanged: number;
  failed: number;
}

export type ImportWithLayout = Omit<Import, 'encryptedLayout'> & { layout: ImportLayout };

/** An import that this process has claimed. */
export type ClaimedImport = ImportWithLayout;

/**
 * Imports. Reads of views are hand-written SQL because lists continue after a cursor; claims and progress are SQL because they compare
 * and set with the database's clock.
 */
@Injectable()
export class ImportsRepository {
  constructor(
    private readonly db: Database,
    private readonly encryption: FieldEncryption,
  ) {}

  async find(id: string): Promise<ImportView | null> {
    const row = await this.db.row<ImportViewRow>(`SELECT ${COLUMNS} FROM import i WHERE i.id = $1`, [id]);
    return row && this.toView(row);
  }

  async list(actor: Actor, query: ImportsQuery): Promise<Page<ImportView>> {
    const page = await readPage<ImportViewRow>(this.db, query, {
      ...{ select: COLUMNS, from: 'import i', columns: SORTS, idColumn: 'i.id' },
      where: (bind) => [
        ...(actor.role === 'ADMIN' ? [] : [`i.clinic_id = ANY (${bind(actor.clinicIds)}::uuid[])`]),
        ...(query.clinicId ? [`i.clinic_id = ${bind(query.clinicId)}::uuid`] : []),
        ...(query.kind ? [`i.kind = ${bind(query.kind)}`] : []),
        ...(query.status ? [`i.status = ${bind(query.status)}`] : []),
      ],
    });
    return page.map((row) => this.toView(row));
  }

  async insert(row: Partial<Import> & { id: string }, layout: ImportLayout): Promise<void> {
    await this.imports.insert({ ...row, encryptedLayout: this.encryption.encrypt(IMPORT_LAYOUT, layout, row.id) });
  }

  async lock(id: string): Promise<ImportWithLayout | null> {
    const row = await this.imports.findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
    if (!row) return null;
    const { encryptedLayout, ...columns } = row;
    return { ...columns, layout: this.encryption.decrypt(IMPORT_LAYOUT, encryptedLayout, id) as ImportLayout };
  }

  /** Begins the dry run or the import anew, with the next version. The new claim number stops a process that runs it. */
  async restart(id: string, status: ImportStatus, now: Date, layout?: ImportLayout): Promise<void> {
    await this.imports.update(
      { id },
      {
        status,
        isDryRun: status !== 'RUNNING',
        ...NO_COUNTS,
        failure: null,
        attempts: 0,
        leaseUntil: null,
        finishedAt: null,
        updatedAt: now,
        version: () => 'version + 1',
        claims: () => 'claims + 1',
        ...(layout && { analysis: null, encryptedLayout: this.encryption.encrypt(IMPORT_LAYOUT, layout, id) }),
      },
    );
  }

  async delete(id: string): Promise<void> {
    await this.imports.delete({ id });
  }

  /** What is due and not claimed, oldest first. */
  async findDue(limit: number): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(
      `SELECT id FROM import WHERE status IN ('CHECKING', 'RUNNING') AND (lease_until IS NULL OR lease_until < now())
       ORDER BY id LIMIT $1`,
      [limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Claims an import that is due. @returns null if another process has it */
  async claim(id: string, leaseSeconds: number): Promise<ClaimedImport | null> {
    const claimed = await this.db.row(
      `UPDATE import SET claims = claims + 1, attempts = attempts + 1, lease_until = now() + make_interval(secs => $2)
       WHERE id = $1 AND status IN ('CHECKING', 'RUNNING') AND (lease_until IS NULL OR lease_until < now())
       RETURNING id`,
      [id, leaseSeconds],
    );
    return claimed && this.lock(id);
  }

  async resetCounts(id: string): Promise<void> {
    await this.imports.update({ id }, NO_COUNTS);
  }

  /** @returns whether the claim is still the last one, so that the work may go on */
  async extendLease({ id, claims }: ClaimedImport, leaseSeconds: number): Promise<boolean> {
    const row = await this.db.row(
      `UPDATE import SET lease_until = now() + make_interval(secs => $3)
       WHERE id = $1 AND claims = $2 AND status IN ('CHECKING', 'RUNNING') RETURNING id`,
      [id, claims, leaseSeconds],
    );
    return row !== null;
  }

  /** Lets another process go on at once. */
  async release({ id, claims }: ClaimedImport): Promise<void> {
    await this.imports.update({ id, claims }, { leaseUntil: null, attempts: 0 });
  }

  /** Does not count a claim whose file could not be fetched. Its lease stays, so that the next one waits. */
  async forgetAttempt({ id, claims }: ClaimedImport): Promise<void> {
    await this.imports.decrement({ id, claims, attempts: MoreThan(0) }, 'attempts', 1);
  }

  /** @returns whether the claim is still the last one */
  async saveAnalysis({ id, claims }: ClaimedImport, total: number, analysis: ImportAnalysis): Promise<boolean> {
    const { affected } = await this.imports.update({ id, claims }, { total, analysis });
    return affected === 1;
  }

  /** Counts a batch. Waits for a change by somebody else. @returns whether the claim is still the last one */
  async advance(claim: ClaimedImport, counts: BatchCounts, leaseSeconds: number): Promise<boolean> {
    const { rows, created, unchanged, failed } = counts;
    const row = await this.db.row(
      `UPDATE import SET done = done + $3, created = created + $4, unchanged = unchanged + $5, failed = failed + $6, attempts = 0,
         lease_until = now() + make_interval(secs => $7)
       WHERE id = $1 AND claims = $2 AND status IN ('CHECKING', 'RUNNING') RETURNING id`,
      [claim.id, claim.claims, rows, created, unchanged, failed, leaseSeconds],
    );
    return row !== null;
  }

  /** @returns whether the claim was still the last one */
  async finish({ id, claims }: ClaimedImport, end: Pick<Import, 'status' | 'failure'>, now: Date): Promise<boolean> {
    const { affected } = await this.imports.update(
      { id, claims },
      { ...end, finishedAt: now, updatedAt: now, leaseUntil: null, version: () => 'version + 1' },
    );
    return affected === 1;
  }

  /** Imports whose file is no longer needed. */
  async findWithUnusedFile(before: Date, limit: number): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(
      `SELECT id FROM import WHERE has_file AND (status IN ('DONE', 'FAILED', 'EXPIRED') OR status IN ('MAPPING', 'CHECKED') AND updated_at < $1)
       ORDER BY id LIMIT $2`,
      [before, limit],
    );
    return rows.map(({ id }) => id);
  }

  /** After the file was deleted: what was not started can no longer be. */
  async markFileDeleted(id: string): Promise<void> {
    const row = await this.db.row<StoredLayout & { isUsed: boolean }>(
      `UPDATE import SET has_file = false, status = CASE WHEN status IN ('MAPPING', 'CHECKED') THEN 'EXPIRED' ELSE status END
       WHERE id = $1 AND status NOT IN ('CHECKING', 'RUNNING')
       RETURNING id, layout, status <> 'EXPIRED' AND analysis IS NOT NULL AS "isUsed"`,
      [id],
    );
    if (row && !row.isUsed) await this.hideHeaders(row);
  }

  /** Hides the headers of imports that were not changed since an instant, whose failed rows are deleted. */
  async hideOldHeaders(before: Date, limit: number): Promise<void> {
    const rows = await this.db.rows<StoredLayout>(
      `SELECT id, layout FROM import WHERE status IN ('DONE', 'FAILED', 'EXPIRED') AND analysis IS NOT NULL AND updated_at < $1
       ORDER BY id LIMIT $2`,
      [before, limit],
    );
    for (const row of rows) await this.hideHeaders(row);
  }

  /** In a file without headers, they are the first person. Without the analysis, it is not done again. */
  private async hideHeaders({ id, layout: encrypted }: StoredLayout): Promise<void> {
    const layout = (this.encryption.read(IMPORT_LAYOUT, encrypted, id) as ImportLayout | null) ?? UNREADABLE;
    const columns = layout.columns.map(({ field }, index) => ({ header: `Column ${index + 1}`, field }));
    const encryptedLayout = this.encryption.encrypt(IMPORT_LAYOUT, { ...layout, columns }, id);
    await this.imports.update({ id }, { analysis: null, encryptedLayout });
  }

  private toView({ layout: encrypted, ...row }: ImportViewRow): ImportView {
    const layout = this.encryption.read(IMPORT_LAYOUT, encrypted, row.id) as ImportLayout | null;
    const { columns, ambiguous, dateFormat, currency } = layout ?? UNREADABLE;
    return { ...row, columns, ambiguous, missing: missingFields(row.kind, columns), dateFormat, currency };
  }

  private get imports() {
    return this.db.repository(Import);
  }
}
