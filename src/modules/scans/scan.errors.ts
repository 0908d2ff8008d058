import { registerErrorDetails } from '../../core/http/openapi/error-details.js';
import { DomainError, registerErrorCodes } from '../../core/kernel/domain-error.js';

declare module '../../core/kernel/domain-error.js' {
  interface ErrorStatuses {
    UNPROCESSABLE_FILE: 422;
  }
}

registerErrorCodes({ UNPROCESSABLE_FILE: 422 });
registerErrorDetails('UNPROCESSABLE_FILE', {
  properties: {
    reason: { type: 'string', description: '`UNPROCESSABLE_FILE`: what is wrong with the file.' },
    file: { type: 'integer', description: '`UNPROCESSABLE_FILE`: the number of the file of a scan set, from 1.' },
  },
});

/** 415: the format is not accepted, or the declared type is not that of an image. */
export const wrongType = (message: string): DomainError => new DomainError('UNSUPPORTED_MEDIA_TYPE', message);

/** 422: the format is accepted, but the content is damaged or too large. `reason` is a code for programs. */
export const unusable = (reason: string, message: string, place: { file?: number } = {}): DomainError =>
  new DomainError('UNPROCESSABLE_FILE', message, { reason, ...place });

export const otherContent = (place: { file?: number } = {}): DomainError =>
  unusable('DUPLICATE_INSTANCE', 'The set has another image with the same SOPInstanceUID.', place);

export const broken = (): DomainError => unusable('BROKEN', 'The file is damaged or not complete.');

export const tooLarge = (message: string, details?: object): DomainError =>
  new DomainError('PAYLOAD_TOO_LARGE', message, details);

export const isBroken = (error: unknown): boolean =>
  error instanceof DomainError && (error.details as { reason?: unknown } | undefined)?.reason === 'BROKEN';
