import { IsUUID } from 'class-validator';
import { MayBeLeftOut } from '../../core/http/text.js';

export class MergeClients {
  /** The record to merge; its rows move to the record in the path. @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a11 */
  @IsUUID()
  duplicateId: string;
}

export class UnmergeClients {
  /** The merged record. Default: the one that was merged last; earlier merges are undone after later ones. */
  @MayBeLeftOut()
  @IsUUID()
  duplicateId?: string;
}

export class UnmergedClientsView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  clientId: string;
  /** The record that is separate again. @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a11 */
  duplicateId: string;
}
