import type { Page, PageQuery } from '../../../core/http/page.js';
import type { Actor } from '../../../core/kernel/actor.js';
import type { Column } from './columns.js';

/** The filters of a list: an export has no pages. */
export type Filters<Query extends PageQuery> = Omit<Query, keyof PageQuery> & { clinicId?: string; q?: string };

/** A list that can be downloaded as a file. */
export interface ExportedList<Query extends PageQuery> {
  /** The name of the file and of its sheet. */
  name: string;
  /** The type of the rows in the audit log. */
  objectType: string;
  columns: readonly Column[];
  /**
   * Whether every row belongs to a clinic. The export then reads one clinic after the other, with `clinicId` in the query: only then an
   * index has the rows in their order, so that each page of a long list is as fast as the first.
   */
  byClinic: boolean;
  /** Reads a page, like the route of the list: with its filters, its access rules and its audit rows. */
  read(actor: Actor, query: Query & { clinicId?: string }): Promise<Page<object>>;
}
