import { IsIn, IsOptional, IsString, IsUUID, Matches, MaxLength } from 'class-validator';
import { IsInstantOrDay } from '../../core/http/instants.js';
import { PageQuery } from '../../core/http/page.js';
import { MayBeLeftOut, Trimmed } from '../../core/http/text.js';
import type { AnalysisState } from './analysis/scan-analysis.entity.js';
import { QualityView } from './quality.dto.js';
import type { DicomNote } from './dicom/notes.js';
import type { PatientMismatch } from './dicom/patient.js';
import { FORMATS, type Format } from './upload/file-type.js';

/** The fields of the form, except `file`. */
export class UploadScan {
  /** The kind of image. @example XRAY */
  @MayBeLeftOut()
  @Trimmed()
  @IsString()
  @MaxLength(64)
  @Matches(/^[\p{L}\p{N}][\p{L}\p{N} _.-]*$/u, {
    message:
      'must begin with a letter or digit, and contain only letters, digits, spaces, dots, hyphens and underscores',
  })
  kind?: string;

  /** When the image was taken. @example 2026-11-23T09:00:00Z */
  @MayBeLeftOut()
  @IsInstantOrDay()
  takenAt?: string;

  /** The patient. Optional for patients themselves. */
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
  /** @example 2 */
  seriesNumber: number | null;
  /** @example 17 */
  instanceNumber: number | null;
  /** The place of the first pixel in the patient, in millimetres. @example [-124.5, -124.5, 40.5] */
  position: number[] | null;
  /** The directions of the rows and the columns. @example [0.96, 0.28, 0.01, -0.28, 0.96, 0.01] */
  orientation: number[] | null;
  /** Millimetres. @example 2.5 */
  sliceThickness: number | null;
  /** How the file deviates from the standard, although it could be read. @example ["UNKNOWN_SEQUENCE"] */
  notes: DicomNote[];
}

/** How the de-identified copy was made. */
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
  /** Always false: the pixels were not changed. */
  cleanPixelData: boolean;
  cleanRecognizableVisualFeatures: boolean;
  /** Always true: the pixels may still contain names. */
  pixelTextNotChecked: boolean;
  burnedInAnnotation: string | null;
  /** The copy's PatientIdentityRemoved: true only if the file states that its pixels contain no names. */
  patientIdentityRemoved: boolean;
}

export class ScanView {
  id: string;
  clientId: string;
  /** The scan set that the image belongs to. */
  scanSetId: string | null;
  /** The user who uploaded the scan. */
  uploadedBy: string;
  /** @example XRAY */
  kind: string | null;
  takenAt: Date | null;
  /** @example PNG */
  format: Format;
  /** The type of the served file. @example image/png */
  contentType: string;
  /** The size of the uploaded file; for PNG, JPEG and WebP, without bytes after the image. @example 1048576 */
  bytes: number;
  /** SHA-256 of the uploaded file; for PNG, JPEG and WebP, without bytes after the image. */
  sha256: string;
  /** @example 2048 */
  width: number;
  /** @example 2048 */
  height: number;
  /** Bits per sample. @example 8 */
  bitDepth: number;
  /** @example 1 */
  channels: number;
  /** @example 1 */
  frames: number;
  /** Null if the server cannot decode the pixels, or the caller may not see images. */
  quality: QualityView | null;
  dicom: DicomView | null;
  deidentification: DeidentificationView | null;
  /** Whether the tags in the file identify another patient. */
  patientMismatch: PatientMismatch;
  /** Why the thumbnail is a placeholder. @example COMPRESSED_TRANSFER_SYNTAX */
  noPicture: string | null;
  /** The state of the latest analysis. */
  analysisStatus: AnalysisState | null;
  /** A signed link for the caller, valid for five minutes. Null if the caller may not read images. */
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

  /** Lists the images of this set, which are otherwise left out. */
  @IsOptional()
  @IsUUID()
  scanSetId?: string;

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
  /** The signature of a link, as in `fileUrl`, `thumbnailUrl` and `deidentifiedUrl`. */
  @IsOptional()
  @IsString()
  @MaxLength(500)
  link?: string;
}

export class FileQuery extends LinkQuery {
  /** `deidentified`: the copy of a DICOM file without tags that identify the patient. */
  @IsOptional()
  @IsIn(VARIANTS)
  variant: Variant = 'served';
}
