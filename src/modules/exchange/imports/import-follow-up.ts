import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import { JobScheduler } from '../../../core/jobs/job-scheduler.js';
import { ImportFiles } from './import-files.js';
import { ImportProgress } from './import-progress.js';
import { IMPORTS_QUEUE } from './imports-queue.js';

/** What follows a change of an import: its job, its audit row, and the deletion of its file. */
@Injectable()
export class ImportFollowUp {
  constructor(
    private readonly db: Database,
    private readonly scheduler: JobScheduler,
    private readonly progress: ImportProgress,
    private readonly files: ImportFiles,
  ) {}

  enqueueAfterCommit(id: string): void {
    this.db.afterCommit(() => this.scheduler.enqueue(IMPORTS_QUEUE, { id }));
  }

  record(action: string, row: { id: string; clinicId: string }, changes: object): Promise<void> {
    return this.progress.record(action, row, changes);
  }

  async deleteFile(id: string): Promise<void> {
    await this.files.tryDelete(id);
  }
}
