import type { ItemKind } from '../legacy-data.js';
import { CLINIC_APP_MAPPING } from '../mapping/clinic-app.mapping.js';
import { decodeExtendedJson } from './extended-json.js';
import { readCollections, readHead, readLines, rowsOf, unknownOf, type Collection } from './json-files.js';
import type { LegacySource, SourceRow, UnknownList } from './source.js';

/** Files of `mongoexport`, one for each collection: a document on each line, or a list with `--jsonArray`. */
export class MongoSource implements LegacySource {
  readonly name = 'mongodb';
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
    return (this.collections ??= Promise.all(this.files.map(open)).then((all) => all.flat()));
  }
}

async function open(file: string): Promise<Collection[]> {
  const isList = (await readHead(file)).trimStart().startsWith('[');
  return isList ? readCollections(file, decodeExtendedJson) : [readLines(file, decodeExtendedJson)];
}
