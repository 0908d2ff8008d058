import { Injectable } from '@nestjs/common';
import { currentContext, runInContext } from '../../../core/context/request-context.js';
import { allowOldRows } from '../../../core/database/replica-reads.js';
import type { PageQuery } from '../../../core/http/page.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { Zone } from '../../../core/kernel/zone.js';
import type { Cell } from '../../../core/spreadsheets/cell.js';
import { ClinicsService } from '../../clinics/index.js';
import { readAll } from '../read-all.js';
import { toCells } from './columns.js';
import type { ExportedList, Filters } from './exported-list.js';

/** Rows of a page. More at once would delay other requests for longer. */
const PAGE_ROWS = 500;
/** The first page is smaller, so that the file begins soon. */
const FIRST_PAGE_ROWS = 100;

/** Which rows of a list are exported. */
export interface ListRequest<Query extends PageQuery> {
  actor: Actor;
  list: ExportedList<Query>;
  filters: Filters<Query>;
}

/**
 * Reads lists page by page, each page with its own short statement and only when the reader of the file needs it. So a slow client holds
 * no connection and no snapshot of the database, and nothing runs after it disconnects.
 */
@Injectable()
export class ListReader {
  constructor(private readonly clinics: ClinicsService) {}

  /** The rows as cells, in batches. */
  async *read<Query extends PageQuery>({ actor, list, filters }: ListRequest<Query>): AsyncGenerator<Cell[][], void> {
    // A stream may continue in the context of another request, and the audit rows of the pages name the request.
    const context = currentContext();
    const zones = new ClinicZones(this.clinics, filters.clinicId ?? onlyClinic(actor));
    for await (const clinicId of this.clinicsToRead(actor, list, filters.clinicId)) {
      let cursor: string | undefined;
      do {
        const limit = cursor === undefined ? FIRST_PAGE_ROWS : PAGE_ROWS;
        const query = { ...filters, clinicId, cursor, limit, withTotal: false } as unknown as Query;
        const page = await runInContext(context, () => allowOldRows(() => list.read(actor, query)));
        const cells: Cell[][] = [];
        for (const row of page.items) cells.push(toCells(row, list.columns, await zones.find(row)));
        if (cells.length > 0) yield cells;
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
    }
  }

  private async *clinicsToRead(
    actor: Actor,
    { byClinic }: { byClinic: boolean },
    clinicId: string | undefined,
  ): AsyncGenerator<string | undefined, void> {
    if (clinicId !== undefined || !byClinic) yield clinicId;
    else if (actor.role !== 'ADMIN') yield* actor.clinicIds;
    else yield* this.allClinics(actor);
  }

  private async *allClinics(actor: Actor): AsyncGenerator<string, void> {
    const query = { sort: 'createdAt', limit: 100, withTotal: false } as const;
    for await (const { id } of readAll((cursor) => this.clinics.list(actor, { ...query, cursor }))) yield id;
  }
}

const onlyClinic = ({ clinicIds }: Actor): string | undefined => (clinicIds.length === 1 ? clinicIds[0] : undefined);

/**
 * The zones of the rows' local times: of the row's clinic, or else of the clinic of the whole export. UTC without a clinic, and for one
 * that was deleted.
 */
class ClinicZones {
  private readonly zones = new Map<string, Zone>();

  constructor(
    private readonly clinics: ClinicsService,
    private readonly defaultClinicId: string | undefined,
  ) {}

  async find(row: object): Promise<Zone> {
    const id = (row as { clinicId?: string | null }).clinicId ?? this.defaultClinicId;
    if (id === undefined) return Zone.of('UTC');
    const known = this.zones.get(id);
    if (known) return known;
    const zone = Zone.of((await this.clinics.find(id))?.timeZone ?? 'UTC');
    this.zones.set(id, zone);
    return zone;
  }
}
