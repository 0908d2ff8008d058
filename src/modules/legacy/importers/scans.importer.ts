import { constants } from 'node:fs';
import { copyFile, realpath, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Config } from '../../../core/config/config.js';
import { hashFile } from '../../../core/storage/hashing-stream.js';
import { Spool } from '../../../core/storage/spool.js';
import { invalid } from '../../../core/kernel/domain-error.js';
import { newId } from '../../../core/kernel/id.js';
import { UploadService } from '../../scans/index.js';
import type { LegacyScan } from '../legacy-data.js';
import { LegacyRecordsRepository } from '../legacy-records.repository.js';
import type { MigrationRun } from '../migration-run.js';
import { Importers, type Imported, type Importer } from './importer.js';
import { patientActor } from './patient-actor.js';

/** Images with their files. They are checked and stored like an upload of the patient. */
@Injectable()
export class ScansImporter implements Importer<'scan'> {
  constructor(
    importers: Importers,
    private readonly uploads: UploadService,
    private readonly records: LegacyRecordsRepository,
    private readonly spool: Spool,
    private readonly config: Config,
  ) {
    importers.register('scan', this);
  }

  async create({ userKey, path, takenAt }: LegacyScan, run: MigrationRun): Promise<Imported> {
    const userId = await run.resolve('user', userKey, 'userId');
    const clientId = await this.records.findClientId(userId);
    if (clientId === null) throw invalid({ field: 'userId', error: 'is not a patient' });
    const file = await findFile(run.filesFolder, path);
    const { size } = await stat(file);
    if (size > this.config.SCAN_MAX_BYTES) throw invalid({ field: 'imageUrl', error: 'is a file that is too large' });
    // A file that is stored would stay after the rollback of a dry run.
    if (run.isDryRun) return { id: newId() };
    const workspace = this.spool.newWorkspace();
    const close = (): Promise<void> => workspace.delete();
    try {
      await workspace.create();
      const copy = workspace.path('upload');
      await copyFile(file, copy, constants.COPYFILE_FICLONE);
      const stored = await hashFile(copy);
      const uploaded = { ...stored, path: copy, workspace, fileName: basename(file), mimeType: '' };
      const fields = takenAt === null ? {} : { takenAt };
      return await this.uploads.upload(patientActor(userId, clientId), { file: uploaded, fields, close });
    } finally {
      await close();
    }
  }

  async update(): Promise<null> {
    return null;
  }
}

/**
 * The file of a path such as `/uploads/scans/a.png` or `http://…/uploads/scans/a.png`, below the folder.
 * @throws DomainError VALIDATION_ERROR if there is none, or if it is outside of the folder
 */
async function findFile(folder: string, path: string): Promise<string> {
  const relative = path.replace(/^https?:\/\/[^/]+/i, '').replace(/[?#].*$/, '');
  const root = await realpath(folder);
  const file = await realpath(join(root, relative)).catch(() => null);
  if (file?.startsWith(root + sep) && (await stat(file)).isFile()) return file;
  throw invalid({ field: 'imageUrl', error: 'is not a file below the folder of the files' });
}
