import { ERROR_STATUS, type ErrorCode } from '../../kernel/domain-error.js';
import type { DemoIds } from './examples.js';
import type { Schema } from './schema.js';

/** The description of the `details` of an error code in the OpenAPI document. */
export interface ErrorDetails {
  /** The fields. Codes with the same status share one schema: a field of two codes gets both descriptions. */
  properties: Record<string, Schema>;
  /** The schemas that the fields refer to, by name. */
  schemas?: Record<string, Schema>;
  /** An error with this code, which is the example of its status. */
  example?: (ids: DemoIds) => { message: string; details: unknown };
}

const registered = new Map<ErrorCode, ErrorDetails>();

/** Registers the details of a feature's error code. Call it next to the registration of the code. */
export const registerErrorDetails = (code: ErrorCode, details: ErrorDetails): void =>
  void registered.set(code, details);

/** The registered details of the codes with this status, in the order of their registration. */
export const errorDetailsWith = (status: number): (ErrorDetails & { code: ErrorCode })[] =>
  [...registered].flatMap(([code, details]) => (ERROR_STATUS[code] === status ? [{ code, ...details }] : []));
