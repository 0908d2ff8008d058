import { ApiProperty } from '@nestjs/swagger';
import { IsUUID } from 'class-validator';
import { MayBeLeftOut } from '../../../core/http/text.js';
import { QualityView } from '../quality.dto.js';
import type { AnalysisState } from './scan-analysis.entity.js';

export class ModelView {
  /** @example stroke-ct */
  @ApiProperty({ format: 'text' })
  id: string;
  /** @example 3 */
  version: string | null;
  /** @example kserve */
  protocol: string;
}

export class SignAnalysis {
  /** The `id` of the analysis that you have read. If there is a newer one, nothing is signed. */
  @MayBeLeftOut()
  @IsUUID()
  analysisId?: string;
}

export class AnalysisView {
  id: string;
  scanId: string;
  /** DRAFT until a doctor signs it. @example DRAFT */
  status: AnalysisState;
  /** MODEL if the result is the answer of a model. @example FALLBACK */
  source: 'MODEL' | 'FALLBACK';
  /** NOT_AVAILABLE: there is no finding, only the quality of the image. @example NOT_AVAILABLE */
  analysis: 'AVAILABLE' | 'PENDING' | 'NOT_AVAILABLE';
  /** Why there is no finding. @example NO_MODEL */
  reason: string | null;
  model: ModelView | null;
  /** The label that the model assigned; not a diagnosis. */
  label: string | null;
  /** The model's own confidence, 0 to 1; not calibrated by CareSlot. @example 0.87 */
  score: number | null;
  /** The same value as `score`. @example 0.87 */
  confidence: number | null;
  summary: string | null;
  /** SHA-256 of the image that was sent to the model. */
  inputSha256: string | null;
  /** @example true */
  requiresClinicianReview: boolean;
  quality: QualityView | null;
  signedBy: string | null;
  signedAt: Date | null;
  finishedAt: Date | null;
  createdAt: Date;
}
