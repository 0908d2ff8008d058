import type { OperationOptions } from '../operation.js';

/** The extension by which @Operation passes its options to operations.ts, which removes it from the document. */
export const OPERATION_EXTENSION = 'x-operation';

/** The security of routes with an access token. */
export const BEARER: Record<string, string[]> = { bearer: [] };

/** The security of routes with the refresh cookie and its CSRF header. */
export const COOKIE_MODE: Record<string, string[]> = { refreshCookie: [], csrfToken: [] };

/** The options of an @Operation, with classes replaced by names. */
export interface OperationFacts extends Omit<OperationOptions, 'answer'> {
  /** The name of the class of `data`; undefined if `data` is null. */
  model: string | undefined;
  isList: boolean;
  /** Public, but the answer depends on the token if there is one. */
  readsToken: boolean;
}
