import { Injectable } from '@nestjs/common';
import { Database } from '../../../../core/database/database.js';
import { DomainError, isUnavailable, type FieldError } from '../../../../core/kernel/domain-error.js';
import type { RowError } from './importer.js';

/** Imports single rows of a batch, so that a row that is refused does not fail the others. */
@Injectable()
export class RowAttempts {
  constructor(private readonly db: Database) {}

  /** Runs work under a savepoint. @returns its result, or why it was refused @throws errors that do not depend on the row */
  async run<T>(work: () => Promise<T>): Promise<T | { errors: RowError[] }> {
    const result = await this.db.attempt(work);
    if ('value' in result) return result.value;
    return { errors: toRowErrors(result.error) };
  }

  /** Runs work for each of several rows. */
  async runEach<T>(
    indexes: readonly number[],
    work: (index: number) => Promise<T>,
  ): Promise<(T | { errors: RowError[] })[]> {
    const results: (T | { errors: RowError[] })[] = [];
    for (const index of indexes) results.push(await this.run(() => work(index)));
    return results;
  }
}

/** @throws the error if it does not depend on the row */
export function toRowErrors(error: unknown): RowError[] {
  if (!(error instanceof DomainError) || isUnavailable(error)) throw error;
  const { code, message, details } = error;
  if (code !== 'VALIDATION_ERROR' || !Array.isArray(details)) return [{ field: null, code, message }];
  return (details as FieldError[]).map((one) => ({ field: one.field, code, message: one.error }));
}
