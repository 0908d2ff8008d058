import { Injectable, type OnModuleInit } from '@nestjs/common';
import { MaintenanceScheduler } from '../../../core/jobs/maintenance-scheduler.js';
import { Clock } from '../../../core/kernel/clock.js';
import { isId } from '../../../core/kernel/id.js';
import { ImportFiles } from './import-files.js';
import { ImportRowsRepository } from './import-rows.repository.js';
import { ImportsRepository, KEEP_DAYS } from './imports.repository.js';

const HOUR_SECONDS = 3_600;
const HOUR = HOUR_SECONDS * 1_000;
const KEEP = KEEP_DAYS * 24 * HOUR;
const MAX_FILES = 1_000;

/** Deletes files that are no longer needed, and failed rows and headers, after seven days. */
@Injectable()
export class ImportSweep implements OnModuleInit {
  constructor(
    private readonly imports: ImportsRepository,
    private readonly rows: ImportRowsRepository,
    private readonly files: ImportFiles,
    private readonly maintenance: MaintenanceScheduler,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.maintenance.register({ name: 'delete-old-imports', everySeconds: HOUR_SECONDS, run: () => this.run() });
  }

  async run(): Promise<void> {
    const now = this.clock.now();
    const before = new Date(now - KEEP);
    for (const id of await this.imports.findWithUnusedFile(before, MAX_FILES))
      if (await this.files.tryDelete(id)) await this.imports.markFileDeleted(id);
    await this.rows.deleteOlderThan(before);
    await this.imports.hideOldHeaders(before, MAX_FILES);
    await this.deleteOrphans(now);
  }

  /** Files of uploads whose process died before it wrote the row. Younger ones may be in progress. */
  private async deleteOrphans(now: number): Promise<void> {
    for await (const id of this.files.list(now - HOUR))
      if (!isId(id) || !(await this.imports.find(id))) await this.files.tryDelete(id);
    await this.files.sweepUnfinished(now - HOUR);
  }
}
