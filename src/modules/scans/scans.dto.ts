import { IsIn, IsOptional, IsString, IsUUID, Matches, MaxLength } from 'class-validator';
import { IsInstantOrDay } from '../../core/http/instants.js';
import { PageQuery } from '../../core/http/page.js';
import { MayBeLeftOut, Trimmed } from '../../core/http/text.js';
import type { AnalysisState } from './analysis/analysis.dto.js';
import { QualityView } from './quality.dto.js';
import type { DicomNote } from './dicom/notes.js';
import type { PatientMismatch } from './dicom/patient.js';
import { FORMATS, type Format } from './upload/file-type.js';

/** The fields of the form beside `file`. */
export class UploadScan {
  /** What it is, in a word. @example XRAY */
  @MayBeLeftOut()
  @Trimmed()
  @IsString()
  @MaxLength(64)
  @Matches(/^[\p{L}\p{N}][\p{L}\p{N} _.-]*$/u, { message: 'must be a word or two' })
  kind?: string;

  /** When the picture was taken. @example 2026-11-23T09:00:00Z */
  @MayBeLeftOut()
  @IsInstantOrDay()
  takenAt?: string;

  /** Whose it is; a patient may leave it out. */
  @MayBeLeftOut()
  @IsUUID()
  clientId?: string;
}

export class DicomView {
  sopClassUid: string;
  sopInstanceUid: string;
  studyInstanceUid: string;
  seriesInstanceUid: string;
  transferSyntaxUid: string;
  /** @example CT */
  modality: string | null;
  /** @example HEAD */
  bodyPart: string | null;
  laterality: string | null;
  /** @example MONOCHROME2 */
  photometricInterpretation: string;
  /** @example 12 */
  bitsStored: number;
  /** Millimetres between rows and between columns. @example [0.5, 0.5] */
  pixelSpacing: number[] | null;
  burnedInAnnotation: string | null;
  /** How the file departs from the standard; it was read all the same. @example ["UNKNOWN_SEQUENCE"] */
  notes: DicomNote[];
}

/** What was done to the de-identified copy, and what was not. */
export class DeidentificationView {
  profile: string;
  edition: string;
  method: string;
  kept: number;
  removed: number;
  removedPrivate: number;
  emptied: number;
  replaced: number;
  uidsMapped: number;
  /** The pixels are as they were. */
  cleanPixelData: boolean;
  cleanRecognizableVisualFeatures: boolean;
  /** Names written into the picture may still be there. */
  pixelTextNotChecked: boolean;
  burnedInAnnotation: string | null;
  /** Whether the copy states PatientIdentityRemoved YES: only where the file says that its pixels name nobody. */
  patientIdentityRemoved: boolean;
}

export class ScanView {
  id: string;
  clientId: string;
  /** The user who handed it in. */
  uploadedBy: string;
  /** @example XRAY */
  kind: string | null;
  takenAt: Date | null;
  /** @example PNG */
  format: Format;
  /** Of the file that is served. @example image/png */
  contentType: string;
  /** Of the file as it was handed in. @example 1048576 */
  bytes: number;
  /** Of the file as it was handed in. */
  sha256: string;
  /** @example 2048 */
  width: number;
  /** @example 2048 */
  height: number;
  /** Bits of one sample. @example 8 */
  bitDepth: number;
  /** @example 1 */
  channels: number;
  /** @example 1 */
  frames: number;
  /** null where the pixels can't be read here. */
  quality: QualityView | null;
  dicom: DicomView | null;
  deidentification: DeidentificationView | null;
  /** Whether the file's own tags speak of somebody else. */
  patientMismatch: PatientMismatch;
  /** Why the thumbnail is a placeholder. @example COMPRESSED_TRANSFER_SYNTAX */
  noPicture: string | null;
  /** Of the newest analysis. */
  analysisStatus: AnalysisState | null;
  /** Signed, for the caller, for five minutes; null for who may not read images. */
  fileUrl: string | null;
  thumbnailUrl: string | null;
  /** DICOM only. */
  deidentifiedUrl: string | null;
  createdAt: Date;
}

const SCAN_SORTS = ['createdAt', '-createdAt'] as const;

export class ScansQuery extends PageQuery {
  @IsOptional()
  @IsUUID()
  clientId?: string;

  /** @example XRAY */
  @IsOptional()
  @Trimmed()
  @IsString()
  @MaxLength(64)
  kind?: string;

  @IsOptional()
  @IsIn(FORMATS)
  format?: Format;

  @IsOptional()
  @IsIn(SCAN_SORTS)
  sort: (typeof SCAN_SORTS)[number] = '-createdAt';
}

const VARIANTS = ['served', 'deidentified'] as const;
export type Variant = (typeof VARIANTS)[number];

export class LinkQuery {
  /** Of a signed link, as it stands in `fileUrl` and the like. */
  @IsOptional()
  @IsString()
  @MaxLength(500)
  link?: string;
}

export class FileQuery extends LinkQuery {
  /** `deidentified`: the copy of a DICOM file without what identifies the patient in its tags. */
  @IsOptional()
  @IsIn(VARIANTS)
  variant: Variant = 'served';
}
