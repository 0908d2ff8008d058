import { Injectable } from '@nestjs/common';
import { currentContext, runInContext } from '../../../core/context/request-context.js';
import { DomainError, type FieldError } from '../../../core/kernel/domain-error.js';
import { BlobMissing } from '../../../core/storage/blob-store.js';
import { addCounts, ClaimLost, ImportBatches, LEASE_SECONDS, type RunningImport } from './import-batches.js';
import { ImportCompletion } from './import-completion.js';
import { ImportFiles } from './import-files.js';
import { ImportPreparation } from './import-preparation.js';
import { Throttle } from './import-progress.js';
import { readBatches } from './import-table.js';
import { ImportsRepository, type ClaimedImport } from './imports.repository.js';

const MAX_DUE = 20;
/** Several times within a lease. */
const RENEW_MILLISECONDS = 5_000;
/** Claims without a finished batch, after which an import is given up. */
const MAX_ATTEMPTS = 10;

/** Does dry runs and imports. What was done by a process that died is not done again: each batch is one transaction with its progress. */
@Injectable()
export class ImportRunner {
  constructor(
    private readonly imports: ImportsRepository,
    private readonly files: ImportFiles,
    private readonly preparation: ImportPreparation,
    private readonly batches: ImportBatches,
    private readonly completion: ImportCompletion,
  ) {}

  findDue(): Promise<string[]> {
    return this.imports.findDue(MAX_DUE);
  }

  async run(id: string, stopping: AbortSignal): Promise<void> {
    const claim = await this.preparation.claim(id);
    if (!claim) return;
    const lease = setInterval(() => void this.renew(claim), RENEW_MILLISECONDS).unref();
    try {
      await this.importOrFail(claim, stopping);
    } finally {
      clearInterval(lease);
    }
  }

  /** If it cannot be renewed, the next batch finds out. */
  private async renew(claim: ClaimedImport): Promise<void> {
    await this.imports.extendLease(claim, LEASE_SECONDS).catch(() => undefined);
  }

  private async importOrFail(claim: ClaimedImport, stopping: AbortSignal): Promise<void> {
    let isFetched = false;
    try {
      if (claim.attempts > MAX_ATTEMPTS) return await this.completion.fail(claim, 'The file could not be processed.');
      const isDone = await this.files.withLocalCopy(claim.id, (path) => {
        isFetched = true;
        return this.importFile(claim, path, stopping);
      });
      if (isDone) await this.completion.finish(claim);
      else await this.imports.release(claim);
    } catch (error) {
      if (error instanceof ClaimLost) return;
      const failure = toFailure(error);
      if (failure !== null) return await this.completion.fail(claim, failure);
      // An outage of the blob store says nothing about the file.
      if (!isFetched) await this.imports.forgetAttempt(claim);
      throw error;
    }
  }

  /** @returns false if the process stops */
  private async importFile(claim: ClaimedImport, path: string, stopping: AbortSignal): Promise<boolean> {
    const running = await this.preparation.prepare(claim, path);
    const { actor } = running.context;
    return runInContext({ ...currentContext(), actor }, () => this.importRows(running, path, stopping));
  }

  private async importRows(running: RunningImport, path: string, stopping: AbortSignal): Promise<boolean> {
    let { claim } = running;
    const { headerRow } = claim.layout;
    const options = { headerRow, skip: claim.done, size: this.batches.getBatchSize(claim) };
    const progress = new Throttle();
    for await (const rows of readBatches(path, claim.format, options)) {
      if (stopping.aborted) return false;
      const counts = await this.batches.run({ ...running, claim }, rows, { publishes: progress.isDue() });
      claim = addCounts(claim, counts);
    }
    return true;
  }
}

/** Why the whole import failed, for the person who uploaded it; null for errors that may go away. */
function toFailure(error: unknown): string | null {
  if (error instanceof BlobMissing) return 'The file is no longer stored. Upload it again.';
  if (!(error instanceof DomainError)) return null;
  if (error.code === 'FORBIDDEN') return error.message;
  if (error.code !== 'VALIDATION_ERROR') return null;
  const [first] = error.details as FieldError[];
  return first ? `The ${first.field} ${first.error}` : error.message;
}
