import type { OperationOptions } from '../operation.js';

/** What an @Operation leaves in the scanned document for the steps after it; it is not in the finished one. */
export const OPERATION_EXTENSION = 'x-operation';

/** An access token. */
export const BEARER: Record<string, string[]> = { bearer: [] };

/** The refresh cookie of cookie mode, with its CSRF header. */
export const COOKIE_MODE: Record<string, string[]> = { refreshCookie: [], csrfToken: [] };

export interface OperationFacts extends Omit<OperationOptions, 'answer'> {
  /** The name of the answer's class. */
  model: string | undefined;
  isList: boolean;
  /** Open, but answers more with a token. */
  readsToken: boolean;
}
