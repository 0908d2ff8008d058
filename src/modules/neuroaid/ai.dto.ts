import { IsUUID } from 'class-validator';
import { MayBeLeftOut } from '../../core/http/text.js';

/** A scan that is there already; left out where the picture itself comes in a form. */
export class MobileAnalyzeImage {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  @MayBeLeftOut()
  @IsUUID()
  scanId?: string;
}
