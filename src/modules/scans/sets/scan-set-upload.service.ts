import { Injectable } from '@nestjs/common';
import { mayHaveCommitted } from '../../../core/database/database-errors.js';
import { DomainError } from '../../../core/kernel/domain-error.js';
import { newId } from '../../../core/kernel/id.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { countUpload } from '../../../core/metrics/upload-metrics.js';
import { isOtherPatient, type PatientRecord } from '../dicom/patient.js';
import type { DicomFacts } from '../dicom/read-and-deidentify.js';
import { otherContent, unusable } from '../scan.errors.js';
import { ScanQuota } from '../scan-quota.js';
import { ScanStorage } from '../scan-storage.js';
import type { NewScan } from '../scans.repository.js';
import { FileProcessor } from '../upload/file-processor.js';
import type { ScanFilesForm } from '../upload/scan-form.interceptor.js';
import { UploadAccess } from '../upload/upload-access.js';
import type { ProcessedFile, UploadedFile } from '../upload/uploaded-file.js';
import { ScanSetWriter } from './scan-set-writer.js';
import type { ScanSetDetailsView } from './scan-sets.dto.js';

interface ProcessedInstance extends ProcessedFile {
  upload: UploadedFile;
  dicom: DicomFacts;
  /** Its number in the form, from 1. */
  file: number;
}

type ImageOwner = Pick<NewScan, 'clientId' | 'scanSetId' | 'uploadedBy' | 'kind' | 'takenAt'>;

/** The index of the files on a CD or DVD. It is no image. */
const isDicomDirectory = ({ fileName }: UploadedFile): boolean => /(^|[/\\])dicomdir$/i.test(fileName);

@Injectable()
export class ScanSetUploadService {
  constructor(
    private readonly access: UploadAccess,
    private readonly quota: ScanQuota,
    private readonly processor: FileProcessor,
    private readonly storage: ScanStorage,
    private readonly writer: ScanSetWriter,
  ) {}

  /**
   * Creates the scan set of a study, or adds images to it, and closes the form. All files are checked before one is stored, and the rows
   * are written in one transaction: a refused or interrupted upload changes nothing.
   * @throws DomainError NOT_FOUND, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, UNPROCESSABLE_FILE
   */
  async upload(actor: Actor, form: ScanFilesForm): Promise<ScanSetDetailsView> {
    try {
      const bytes = form.files.reduce((total, file) => total + file.bytes, 0);
      return await countUpload('scan_set', bytes, () => this.createSet(actor, form));
    } finally {
      await form.close();
    }
  }

  private async createSet(actor: Actor, { files, fields }: ScanFilesForm): Promise<ScanSetDetailsView> {
    const { clientId, ...patient } = await this.access.getPatient(actor, fields);
    await this.quota.assertSpaceForFiles(clientId, files);
    const instances = await this.processAll(files, patient, actor.userId);
    const studyInstanceUid = assertOneStudy(instances);
    const { kind = null, takenAt = null } = fields;
    const owner = { clientId, scanSetId: null, uploadedBy: actor.userId, kind, takenAt };
    const images = await this.storeAll(instances, owner);
    try {
      const { view, unused } = await this.writer.write(actor, { clientId, studyInstanceUid, kind, takenAt, images });
      await this.discard(unused);
      return view;
    } catch (error) {
      // If the connection was lost during the commit, the rows may exist: the sweep decides later.
      if (!mayHaveCommitted(error)) await this.discard(images);
      throw error;
    }
  }

  private async processAll(
    files: readonly UploadedFile[],
    patient: PatientRecord,
    userId: string,
  ): Promise<ProcessedInstance[]> {
    const instances: ProcessedInstance[] = [];
    for (const [index, upload] of files.entries()) {
      if (isDicomDirectory(upload)) continue;
      const file = index + 1;
      const processed = await this.processor.process(upload, patient, userId).catch((error: unknown) => {
        throw withFileNumber(error, file);
      });
      const { dicom } = processed.details;
      if (!dicom) throw unusable('NOT_DICOM', 'A scan set consists of DICOM images.', { file });
      instances.push({ ...processed, upload, dicom, file });
    }
    return instances;
  }

  /** If an image cannot be stored, the others are deleted. */
  private async storeAll(instances: readonly ProcessedInstance[], owner: ImageOwner): Promise<NewScan[]> {
    const images: NewScan[] = [];
    try {
      for (const { upload, details, files } of instances) {
        const id = newId();
        const renditions = await this.storage.store(id, files);
        images.push({ id, ...owner, bytes: upload.bytes, sha256: upload.sha256, renditions, ...details });
      }
      return images;
    } catch (error) {
      await this.discard(images);
      throw error;
    }
  }

  private async discard(scans: readonly NewScan[]): Promise<void> {
    for (const { id, renditions } of scans) await this.storage.discard(id, renditions);
  }
}

/**
 * @returns the UID of the study
 * @throws DomainError UNPROCESSABLE_FILE for several studies or patients, and for an instance with two contents
 */
function assertOneStudy(instances: readonly ProcessedInstance[]): string {
  const [first] = instances;
  if (!first) throw unusable('NO_IMAGES', 'The form contains no image.');
  const contents = new Map<string, string>();
  for (const [index, { dicom, upload, file, ...instance }] of instances.entries()) {
    if (instances.slice(0, index).some((earlier) => isOfOtherPatient(earlier, instance))) {
      throw unusable('MIXED_PATIENTS', 'The files are of several patients. Upload those of one.', { file });
    }
    if (dicom.studyInstanceUid !== first.dicom.studyInstanceUid) {
      throw unusable('MIXED_STUDIES', 'The files are of several studies. Upload each by itself.', { file });
    }
    const known = contents.get(dicom.sopInstanceUid);
    if (known !== undefined && known !== upload.sha256) throw otherContent({ file });
    contents.set(dicom.sopInstanceUid, upload.sha256);
  }
  return first.dicom.studyInstanceUid;
}

const isOfOtherPatient = (
  one: Pick<ProcessedFile, 'patientDigest'>,
  other: Pick<ProcessedFile, 'patientDigest'>,
): boolean =>
  Boolean(one.patientDigest && other.patientDigest && isOtherPatient(one.patientDigest, other.patientDigest));

/** Names the file that is wrong, by its number in the form. */
function withFileNumber(error: unknown, file: number): unknown {
  if (!(error instanceof DomainError) || error.code !== 'UNPROCESSABLE_FILE') return error;
  return new DomainError(error.code, error.message, { ...(error.details as object), file });
}
