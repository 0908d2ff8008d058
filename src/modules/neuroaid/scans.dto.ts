import { ScansQuery } from '../scans/index.js';
import { LIST_LIMIT, ListLimit } from './list-limit.js';
import { IsMobileId, type MobileId } from './mobile-id.js';
import { MayBeLeftOut } from '../../core/http/text.js';

/** What the part with the picture may be called. */
export const FILE_FIELDS = ['file', 'image', 'scan'] as const;

const PICTURE = { type: 'string', format: 'binary', description: 'PNG, JPEG, WebP or DICOM part 10.' } as const;

/** The form of an upload, for the OpenAPI document. */
export const SCAN_FORM = {
  type: 'object' as const,
  description: 'Exactly one of `file`, `image` and `scan` holds the picture.',
  properties: {
    file: PICTURE,
    image: PICTURE,
    scan: PICTURE,
    kind: { type: 'string', example: 'XRAY', maxLength: 64 },
    takenAt: { type: 'string', example: '2026-11-23T09:00:00Z' },
    clientId: { type: 'string', format: 'uuid', description: 'A patient may leave it out.' },
  },
};

/** At most 100 at a time, the newest first. */
export class MobileScansQuery extends ScansQuery {
  @ListLimit()
  override limit: number = LIST_LIMIT;
}

/** What a model makes of an image. */
export class ScanResultView {
  /** The model's word, or a sentence that there is none. @example No analysis is available */
  result: string;
  /** Of the model, 0 to 1; 0 where there is no result. @example 0.87 */
  confidence: number;
  /** Empty where there is no result. @example [] */
  findings: string[];
}

export class MobileScanView extends ScanResultView {
  /** @example 1000001 */
  id: number;
  /** Signed, for the caller, for five minutes; null for who may not see images. */
  imageUrl: string | null;
  kind: string | null;
  createdAt: Date;
}

export class MobileImageResultView extends ScanResultView {
  /** @example 1000001 */
  scanId: number;
}

/** Texts only, as the client reads them. */
export class MobilePredictionView {
  /** The model's word, or a sentence that there is none. @example No analysis is available */
  prediction: string;
  /** @example 0.0% */
  confidence: string;
  /** The same as prediction. */
  message: string;
  /** @example 1000001 */
  scanId: number;
}

/** A scan that was uploaded before; left out where the picture itself comes in a form. */
export class MobileAnalyzeImage {
  @MayBeLeftOut()
  @IsMobileId({ optional: true })
  scanId?: MobileId;
}
