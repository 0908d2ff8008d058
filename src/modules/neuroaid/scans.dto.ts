import { ScansQuery } from '../scans/index.js';
import { LIST_LIMIT, ListLimit } from './list-limit.js';
import { IsMobileId, type MobileId } from './mobile-id.js';
import { MayBeLeftOut } from '../../core/http/text.js';

/** The allowed names of the form field with the image. */
export const FILE_FIELDS = ['file', 'image', 'scan'] as const;

const PICTURE = { type: 'string', format: 'binary', description: 'PNG, JPEG, WebP or DICOM part 10.' } as const;

/** The form of an upload, for the OpenAPI document. */
export const SCAN_FORM = {
  type: 'object' as const,
  description: 'Exactly one of `file`, `image` and `scan` must contain the image.',
  properties: {
    file: PICTURE,
    image: PICTURE,
    scan: PICTURE,
    kind: { type: 'string', example: 'XRAY', maxLength: 64 },
    takenAt: { type: 'string', example: '2026-11-23T09:00:00Z' },
    clientId: { type: 'string', format: 'uuid', description: 'Optional for patients.' },
  },
};

/** Returns at most 100 scans, newest first. */
export class MobileScansQuery extends ScansQuery {
  @ListLimit()
  override limit: number = LIST_LIMIT;
}

/** The result of a model for an image. */
export class ScanResultView {
  /** The model's label, or a sentence that there is none. @example No analysis is available */
  result: string;
  /** The model's confidence, 0 to 1; 0 without a result. @example 0.87 */
  confidence: number;
  /** Empty without a result. @example [] */
  findings: string[];
}

export class MobileScanView extends ScanResultView {
  /** @example 1000001 */
  id: number;
  /** A signed URL for the caller, valid for five minutes; null if the caller may not see images. */
  imageUrl: string | null;
  kind: string | null;
  createdAt: Date;
}

export class MobileImageResultView extends ScanResultView {
  /** @example 1000001 */
  scanId: number;
}

/** The result as texts, for the app. */
export class MobilePredictionView {
  /** The model's label, or a sentence that there is none. @example No analysis is available */
  prediction: string;
  /** @example 0.0% */
  confidence: string;
  /** The same as prediction. */
  message: string;
  /** @example 1000001 */
  scanId: number;
}

/** The id of an uploaded scan; absent if a form contains the image. */
export class MobileAnalyzeImage {
  @MayBeLeftOut()
  @IsMobileId({ optional: true })
  scanId?: MobileId;
}
