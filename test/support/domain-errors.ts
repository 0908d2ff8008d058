import { DomainError } from '../../src/core/kernel/domain-error.js';

/** The error that a check throws; undefined if it throws none. */
export function getError(check: () => unknown): DomainError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}
