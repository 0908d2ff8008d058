import { ApiProperty } from '@nestjs/swagger';
import { QualityView } from '../quality.dto.js';

export const ANALYSIS_STATES = ['QUEUED', 'RUNNING', 'DRAFT', 'SIGNED', 'FAILED', 'NOT_AVAILABLE'] as const;
export type AnalysisState = (typeof ANALYSIS_STATES)[number];

export class ModelView {
  /** @example stroke-ct */
  @ApiProperty({ format: 'text' })
  id: string;
  /** @example 3 */
  version: string | null;
  /** @example kserve */
  protocol: string;
}

export class AnalysisView {
  id: string;
  scanId: string;
  /** DRAFT until a doctor signs. @example DRAFT */
  status: AnalysisState;
  /** MODEL where a model has answered. @example FALLBACK */
  source: 'MODEL' | 'FALLBACK';
  /** NOT_AVAILABLE: there is no finding, only facts on the picture. @example NOT_AVAILABLE */
  analysis: 'AVAILABLE' | 'PENDING' | 'NOT_AVAILABLE';
  /** Why there is none. @example NO_MODEL */
  reason: string | null;
  model: ModelView | null;
  /** The model's word for what it sees; not a diagnosis. */
  label: string | null;
  /** What the model makes of its own certainty, 0..1; not calibrated by CareSlot. @example 0.87 */
  score: number | null;
  /** The same number, by the name that the contract gives it. @example 0.87 */
  confidence: number | null;
  summary: string | null;
  /** Of the very bytes that the model was shown. */
  inputSha256: string | null;
  /** @example true */
  requiresClinicianReview: boolean;
  quality: QualityView | null;
  signedBy: string | null;
  signedAt: Date | null;
  finishedAt: Date | null;
  createdAt: Date;
}
