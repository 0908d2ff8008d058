import type { DeclaredType } from '../../../core/http/multipart.js';
import type { StoredBlob } from '../../../core/storage/blob-store.js';
import type { Workspace } from '../../../core/storage/spool.js';
import type { PatientDigest } from '../dicom/patient.js';
import type { NewScan, RenditionName } from '../scans.repository.js';

/** A received file on the local disk. */
export interface UploadedFile extends StoredBlob, DeclaredType {
  path: string;
  /** The folder of the file, also for the files that are made from it. Deleted when the form is closed. */
  workspace: Workspace;
}

/** A local file that becomes a rendition of the scan. */
export interface LocalFile {
  path: string;
  /** Size and hash, if already known. */
  measured?: StoredBlob;
}

export type LocalFiles = Partial<Record<RenditionName, LocalFile>>;

/** The columns of a scan that describe its image. */
type ImageDetails = Pick<
  NewScan,
  | 'format'
  | 'width'
  | 'height'
  | 'bitDepth'
  | 'channels'
  | 'frames'
  | 'quality'
  | 'dicom'
  | 'deidentification'
  | 'patientMismatch'
  | 'noPicture'
>;

export interface ProcessedFile {
  details: ImageDetails;
  /** Only of a DICOM file. */
  patientDigest?: PatientDigest;
  files: LocalFiles;
}
