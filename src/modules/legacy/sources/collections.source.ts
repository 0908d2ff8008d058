import type { ItemKind } from '../legacy-data.js';
import { CLINIC_APP_MAPPING } from '../mapping/clinic-app.mapping.js';
import { rowsOf, unknownOf, type Collection } from './json-files.js';
import type { LegacySource, SourceName, SourceRow, UnknownList } from './source.js';

/** Files with collections of an application for doctors and bookings. */
export class CollectionsSource implements LegacySource {
  readonly mapping = CLINIC_APP_MAPPING;
  private collections: Promise<Collection[]> | null = null;

  /** @param open reads the collections of a file */
  constructor(
    readonly name: SourceName,
    private readonly files: readonly string[],
    private readonly open: (file: string) => Promise<Collection[]>,
  ) {}

  async *rows(kind: ItemKind): AsyncGenerator<SourceRow> {
    yield* rowsOf(await this.read(), kind);
  }

  async findUnknown(): Promise<UnknownList[]> {
    return unknownOf(await this.read());
  }

  private read(): Promise<Collection[]> {
    return (this.collections ??= Promise.all(this.files.map((file) => this.open(file))).then((all) => all.flat()));
  }
}
