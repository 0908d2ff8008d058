import type { StoredBlob } from '../../../core/storage/blob-store.js';
import type { Workspace } from '../../../core/storage/spool.js';
import type { NewScan, RenditionName } from '../scans.repository.js';
import type { DeclaredType } from './file-type.js';

/** A file as it was received, on the local disk. */
export interface UploadedFile extends StoredBlob, DeclaredType {
  path: string;
  /** The folder of the file, also for the files that are made from it. Deleted when the form is closed. */
  workspace: Workspace;
}

/** A file of the workspace that becomes a rendition of the scan. */
export interface LocalFile {
  path: string;
  /** Size and hash where they are known already. */
  measured?: StoredBlob;
}

export type LocalFiles = Partial<Record<RenditionName, LocalFile>>;

/** What the scan's row says of its image. */
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
  files: LocalFiles;
}
