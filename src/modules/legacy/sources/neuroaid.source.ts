import type { ItemKind } from '../legacy-data.js';
import { CLINIC_APP_MAPPING } from '../mapping/clinic-app.mapping.js';
import { readCollections, rowsOf, unknownOf, type Collection } from './json-files.js';
import type { LegacySource, SourceRow, UnknownList } from './source.js';

/**
 * The JSON files of the NeuroAid server, in Express or in Flask: `users.json`, `db.json` with doctors, bookings, scans and favourites, and
 * `faqs.json`. Source: https://github.com/engbasel/backend (flask_server/utils/database.py, flask_server/routes).
 */
export class NeuroaidSource implements LegacySource {
  readonly name = 'neuroaid';
  readonly mapping = CLINIC_APP_MAPPING;
  private collections: Promise<Collection[]> | null = null;

  constructor(private readonly files: readonly string[]) {}

  async *rows(kind: ItemKind): AsyncGenerator<SourceRow> {
    yield* rowsOf(await this.read(), kind);
  }

  async findUnknown(): Promise<UnknownList[]> {
    return unknownOf(await this.read());
  }

  private read(): Promise<Collection[]> {
    return (this.collections ??= Promise.all(this.files.map((file) => readCollections(file))).then((all) =>
      all.flat(),
    ));
  }
}
