import { Injectable } from '@nestjs/common';
import { mayHaveCommitted } from '../../../core/database/database-errors.js';
import { newId } from '../../../core/kernel/id.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { countUpload } from '../../../core/metrics/upload-metrics.js';
import { ScanQuota } from '../scan-quota.js';
import { ScanStorage } from '../scan-storage.js';
import { ScanWriter } from '../scan-writer.js';
import type { ScanView, UploadScan } from '../scans.dto.js';
import { FileProcessor } from './file-processor.js';
import { UploadAccess } from './upload-access.js';
import type { UploadedFile } from './uploaded-file.js';

/** The form of an upload: its file on the local disk, and its checked fields. */
export interface ScanForm {
  file: UploadedFile;
  fields: UploadScan;
  /** Deletes the local files, and no longer counts the upload as in progress. Safe to call twice. */
  close(): Promise<void>;
}

@Injectable()
export class UploadService {
  constructor(
    private readonly access: UploadAccess,
    private readonly quota: ScanQuota,
    private readonly processor: FileProcessor,
    private readonly storage: ScanStorage,
    private readonly writer: ScanWriter,
  ) {}

  /**
   * Creates a scan from an uploaded file, and closes the form. Files are stored before the row is written: after a crash there may
   * be files without a row, which the sweep deletes, but never a row without files.
   * @throws DomainError NOT_FOUND, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, UNPROCESSABLE_FILE
   */
  async upload(actor: Actor, form: ScanForm): Promise<ScanView> {
    try {
      return await countUpload('scan', form.file.bytes, () => this.createScan(actor, form));
    } finally {
      await form.close();
    }
  }

  private async createScan(actor: Actor, { file, fields }: ScanForm): Promise<ScanView> {
    const { clientId, ...patient } = await this.access.getPatient(actor, fields);
    await this.quota.assertSpace(clientId, file.bytes);
    const { details, files } = await this.processor.process(file, patient, actor.userId);
    const id = newId();
    const renditions = await this.storage.store(id, files);
    const { bytes, sha256 } = renditions.original ?? file;
    const { kind = null, takenAt = null } = fields;
    const scan = {
      id,
      clientId,
      scanSetId: null,
      uploadedBy: actor.userId,
      kind,
      takenAt,
      bytes,
      sha256,
      renditions,
      ...details,
    };
    try {
      return await this.writer.write(actor, scan);
    } catch (error) {
      // If the connection was lost during the commit, the row may exist: the sweep decides later.
      if (!mayHaveCommitted(error)) await this.storage.discard(id, renditions);
      throw error;
    }
  }
}
