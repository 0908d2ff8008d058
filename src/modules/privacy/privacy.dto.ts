import { ProofFields } from '../auth/index.js';

export class EraseUser extends ProofFields {}

export class ErasureView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  userId: string;
  erasedAt: Date;
}
