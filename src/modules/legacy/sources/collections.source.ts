import type { ItemKind } from '../legacy-data.js';
import { CLINIC_APP_MAPPING } from '../mapping/clinic-app.mapping.js';
import { findUnknownLists, readOnce, readRows, type Collection } from './json-files.js';
import type { LegacySource, SourceName, SourceRow, UnknownList } from './source.js';

/** Files with collections of an application for doctors and bookings. */
export class CollectionsSource implements LegacySource {
  readonly mapping = CLINIC_APP_MAPPING;
  private readonly read: () => Promise<Collection[]>;

  /** @param open reads the collections of a file */
  constructor(
    readonly name: SourceName,
    files: readonly string[],
    open: (file: string) => Promise<Collection[]>,
  ) {
    this.read = readOnce(files, open);
  }

  async *rows(kind: ItemKind): AsyncGenerator<SourceRow> {
    yield* readRows(await this.read(), kind);
  }

  async findUnknown(): Promise<UnknownList[]> {
    return findUnknownLists(await this.read());
  }
}
