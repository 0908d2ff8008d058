import { DomainError } from '../kernel/domain-error.js';

const RETRY_AFTER_SECONDS = 30;

/** The disk is full, read-only or broken, or too many files are open. */
const DISK_ERRORS = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE']);

/** 503: the disk or the bucket is unavailable. The cause is logged, but not part of the response. */
export class StorageUnavailable extends DomainError {
  constructor(override readonly cause: unknown) {
    super(
      'SERVICE_UNAVAILABLE',
      'Files cannot be stored or opened right now. Try again later.',
      undefined,
      RETRY_AFTER_SECONDS,
    );
  }
}

/** Turns errors of the disk into StorageUnavailable; returns other errors unchanged. */
export const translateDiskError = (error: unknown): unknown =>
  DISK_ERRORS.has((error as NodeJS.ErrnoException | null)?.code ?? '') ? new StorageUnavailable(error) : error;
