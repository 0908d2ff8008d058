import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import { Clock } from '../../../core/kernel/clock.js';
import { ImportFiles } from './import-files.js';
import { ImportProgress } from './import-progress.js';
import type { ImportStatus } from './import.entity.js';
import { ImportsRepository, type ClaimedImport } from './imports.repository.js';

/** Completes dry runs and imports: their state, their audit row, and the deletion of the file. */
@Injectable()
export class ImportCompletion {
  constructor(
    private readonly db: Database,
    private readonly imports: ImportsRepository,
    private readonly files: ImportFiles,
    private readonly progress: ImportProgress,
    private readonly clock: Clock,
  ) {}

  async finish(claim: ClaimedImport): Promise<void> {
    const isImport = claim.status === 'RUNNING';
    await this.end(claim, { status: isImport ? 'DONE' : 'CHECKED', failure: null }, isImport ? 'finished' : 'checked');
  }

  async fail(claim: ClaimedImport, failure: string): Promise<void> {
    await this.end(claim, { status: 'FAILED', failure }, 'failed');
  }

  private async end(
    claim: ClaimedImport,
    end: { status: ImportStatus; failure: string | null },
    action: string,
  ): Promise<void> {
    const isEnded = await this.db.transaction(async () => {
      if (!(await this.imports.finish(claim, end, new Date(this.clock.now())))) return false;
      const row = await this.imports.find(claim.id);
      if (!row) return false;
      const { kind, total, done, created, unchanged, failed } = row;
      await this.progress.record(action, claim, { kind, total, created, unchanged, failed });
      await this.progress.publish({ ...claim, total, done, failed });
      return true;
    });
    if (isEnded && end.status !== 'CHECKED' && (await this.files.tryDelete(claim.id)))
      await this.imports.markFileDeleted(claim.id);
  }
}
