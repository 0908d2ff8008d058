import { DomainError } from '../kernel/domain-error.js';

const RETRY_AFTER_SECONDS = 30;

/** Full, read-only or broken disk, or no more open files. */
const FAULTS_OF_DISK = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE']);

/** 503: the disk or the bucket fails. The cause is in the log and never in the answer. */
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

/** Returns the error itself if it is not a fault of the disk. */
export const translateDiskError = (error: unknown): unknown =>
  FAULTS_OF_DISK.has((error as NodeJS.ErrnoException | null)?.code ?? '') ? new StorageUnavailable(error) : error;
