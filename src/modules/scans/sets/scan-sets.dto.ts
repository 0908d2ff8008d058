import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { OmitType } from '@nestjs/swagger';
import { PageQuery } from '../../../core/http/page.js';
import { AnalysisView } from '../analysis/analysis.dto.js';
import type { AnalysisState } from '../analysis/scan-analysis.entity.js';
import type { PatientMismatch } from '../dicom/patient.js';
import type { SeriesOrder } from './series.js';

export class ImageGapView {
  /** The image before the gap. */
  afterScanId: string;
  /** How many images are missing. @example 2 */
  count: number;
}

export class ImageSeriesView {
  seriesInstanceUid: string;
  /** @example 2 */
  seriesNumber: number | null;
  /** @example CT */
  modality: string | null;
  /** @example HEAD */
  bodyPart: string | null;
  /** @example POSITION */
  orderedBy: SeriesOrder;
  /** The usual distance of neighbouring slices, in millimetres. @example 2.5 */
  spacing: number | null;
  /** Where images are missing. Images before the first and after the last cannot be missed. */
  missing: ImageGapView[];
  /** The images in order: ids of scans. */
  scanIds: string[];
}

export class ScanSetView {
  id: string;
  clientId: string;
  /** The user who uploaded the first images. */
  uploadedBy: string;
  /** @example CT */
  kind: string | null;
  takenAt: Date | null;
  /** Null if the caller may not see images. */
  studyInstanceUid: string | null;
  /** @example ["CT"] */
  modalities: string[];
  /** @example 32 */
  imageCount: number;
  /** The size of the uploaded files. @example 16777216 */
  bytes: number;
  /** Whether the tags in the files identify another patient: MISMATCH if those of one file do. */
  patientMismatch: PatientMismatch;
  /** The state of the latest analysis of the set. */
  analysisStatus: AnalysisState | null;
  createdAt: Date;
}

export class ScanSetDetailsView extends ScanSetView {
  /** Empty if the caller may not see images. */
  series: ImageSeriesView[];
}

export class ScanSetAnalysisView extends OmitType(AnalysisView, ['scanId', 'quality']) {
  scanSetId: string;
  /** The image with the highest score, of which label and score are. */
  resultScanId: string | null;
  /** How many images the model got. @example 32 */
  images: number | null;
}

const SCAN_SET_SORTS = ['createdAt', '-createdAt'] as const;

export class ScanSetsQuery extends PageQuery {
  @IsOptional()
  @IsUUID()
  clientId?: string;

  @IsOptional()
  @IsIn(SCAN_SET_SORTS)
  sort: (typeof SCAN_SET_SORTS)[number] = '-createdAt';
}
