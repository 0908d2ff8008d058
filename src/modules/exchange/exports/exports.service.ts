import { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { ChangeLog } from '../../../core/changes/change-log.js';
import { currentContext, runInContext } from '../../../core/context/request-context.js';
import type { PageQuery } from '../../../core/http/page.js';
import { manages, type Actor } from '../../../core/kernel/actor.js';
import { notFound } from '../../../core/kernel/domain-error.js';
import { NIL_ID } from '../../../core/kernel/id.js';
import { LOGGER } from '../../../core/logging/logger.js';
import { RateLimits } from '../../../core/security/rate-limits.js';
import type { Cell } from '../../../core/spreadsheets/cell.js';
import { BYTE_ORDER_MARK, toCsvRows } from '../../../core/spreadsheets/csv.js';
import { createXlsx } from '../../../core/spreadsheets/xlsx-file.js';
import type { FileFormat } from './exports.dto.js';
import { ListReader, type ListRequest } from './list-reader.js';

interface ExportRequest {
  actor: Actor;
  list: { objectType: string };
  filters: { clinicId?: string };
}

/** Writes lists as files while they are read. */
@Injectable()
export class ExportsService {
  constructor(
    private readonly reader: ListReader,
    private readonly limits: RateLimits,
    private readonly changes: ChangeLog,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * The first page is read before anything is sent, so that wrong filters get an error response. Audited at the
   * start, with the filters, and at the end, with the number of rows that were read.
   * @throws DomainError NOT_FOUND for a clinic of others, RATE_LIMITED, and those of the list
   */
  async export<Query extends PageQuery>(request: ListRequest<Query>, format: FileFormat): Promise<Readable> {
    const { actor, list, filters } = request;
    if (filters.clinicId !== undefined && !manages(actor, filters.clinicId)) throw notFound();
    await this.limits.consume('listExports', actor.userId);
    const pages = this.reader.read(request);
    const first = await pages.next();
    await this.record(request, 'exported', { format, filters: withoutSearch(filters) });
    const batches = new ExportBatches(pages, first, this.atEnd(request));
    const header = list.columns.map((column) => column.header);
    const file = format === 'xlsx' ? createXlsx({ name: list.name, header, batches }) : createCsv(header, batches);
    // Also if the client disconnects before the first row is read.
    file.once('close', () => {
      batches
        .return()
        .catch((error: unknown) => this.logger.error({ err: error }, 'the end of an export was not audited'));
    });
    return file;
  }

  private atEnd(request: ExportRequest): (rows: number, isComplete: boolean) => Promise<void> {
    const context = currentContext();
    return (rows, isComplete) =>
      runInContext(context, () => this.record(request, 'export-ended', { rows, isComplete }));
  }

  /** One row for each clinic of the export, so that the managers of each see it. */
  private async record({ actor, list, filters }: ExportRequest, action: string, changes: object): Promise<void> {
    const clinicIds = filters.clinicId ? [filters.clinicId] : actor.role === 'ADMIN' ? [null] : actor.clinicIds;
    const { objectType } = list;
    const access = { action: `${objectType}.${action}`, objectType, objectId: NIL_ID, changes: { ...changes } };
    await this.changes.recordAccesses(clinicIds.map((clinicId) => ({ ...access, clinicId })));
  }
}

/** A searched text can be the name of a patient, which must not be in the audit log. */
const withoutSearch = (filters: { q?: string }): object =>
  filters.q === undefined ? filters : { ...filters, q: true };

/** Only the page that is being written is in memory. */
function createCsv(header: readonly string[], batches: AsyncIterable<Cell[][]>): Readable {
  async function* write(): AsyncGenerator<string, void> {
    yield BYTE_ORDER_MARK + toCsvRows([header]);
    for await (const batch of batches) yield toCsvRows(batch);
  }
  return Readable.from(write());
}

/** The batches of an export, the first of which is read already. Counts the rows, and reports the end. */
class ExportBatches implements AsyncIterableIterator<Cell[][]> {
  private rows = 0;
  private hasEnded = false;

  constructor(
    private readonly pages: AsyncGenerator<Cell[][], void>,
    private first: IteratorResult<Cell[][], void> | null,
    private readonly onEnd: (rows: number, isComplete: boolean) => Promise<void>,
  ) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Cell[][], void>> {
    const result = this.first ?? (await this.pages.next());
    this.first = null;
    if (result.done) await this.end(true);
    else this.rows += result.value.length;
    return result;
  }

  async return(): Promise<IteratorResult<Cell[][], void>> {
    await this.pages.return();
    await this.end(false);
    return { done: true, value: undefined };
  }

  private async end(isComplete: boolean): Promise<void> {
    if (this.hasEnded) return;
    this.hasEnded = true;
    await this.onEnd(this.rows, isComplete);
  }
}
