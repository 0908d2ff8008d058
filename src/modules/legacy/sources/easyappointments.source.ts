import type { ItemKind } from '../legacy-data.js';
import { EASY_APPOINTMENTS_MAPPING } from '../mapping/easyappointments.mapping.js';
import { readCollections, rowsOf, unknownOf, type Collection } from './json-files.js';
import type { LegacySource, SourceRow, UnknownList } from './source.js';

/** The lists by the first word of their files' names. */
const KINDS: readonly [RegExp, ItemKind][] = [
  [/^services?/i, 'service'],
  [/^providers?/i, 'doctor'],
  [/^customers?/i, 'user'],
  [/^appointments?/i, 'visit'],
];

const kindOf = (name: string): ItemKind | undefined => KINDS.find(([pattern]) => pattern.test(name))?.[1];

/** Answers of Easy!Appointments' REST API, saved as `services.json`, `providers.json`, `customers.json` and `appointments.json`. */
export class EasyAppointmentsSource implements LegacySource {
  readonly name = 'easyappointments';
  readonly mapping = EASY_APPOINTMENTS_MAPPING;
  private collections: Promise<Collection[]> | null = null;

  constructor(private readonly files: readonly string[]) {}

  async *rows(kind: ItemKind): AsyncGenerator<SourceRow> {
    yield* rowsOf(await this.read(), kind, kindOf);
  }

  async findUnknown(): Promise<UnknownList[]> {
    return unknownOf(await this.read(), (name) => kindOf(name) !== undefined);
  }

  private read(): Promise<Collection[]> {
    return (this.collections ??= Promise.all(this.files.map((file) => readCollections(file))).then((all) =>
      all.flat(),
    ));
  }
}
