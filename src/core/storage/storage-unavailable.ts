import { DomainError } from '../kernel/domain-error.js';

const RETRY_AFTER_SECONDS = 30;

/** Full, read-only or broken disk, or no more open files. */
const FAULTS_OF_DISK = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE']);

/** 503: the disk or the bucket does not do its part. The operator finds the cause in the log, the caller never. */
export class StorageUnavailable extends DomainError {
  constructor(override readonly cause: unknown) {
    super('SERVICE_UNAVAILABLE', 'Files can not be stored or opened right now.', undefined, RETRY_AFTER_SECONDS);
  }
}

/** The error itself where it is no fault of the disk. */
export const translateDiskError = (error: unknown): unknown =>
  FAULTS_OF_DISK.has((error as NodeJS.ErrnoException | null)?.code ?? '') ? new StorageUnavailable(error) : error;
