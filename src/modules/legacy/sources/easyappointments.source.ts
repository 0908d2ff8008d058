import { Fields } from '../fields.js';
import type { ItemKind } from '../legacy-data.js';
import { EASY_APPOINTMENTS_MAPPING, PROVIDER_ZONE } from '../mapping/easyappointments.mapping.js';
import { readOnce, readRows, findUnknownLists, type Collection } from './json-files.js';
import type { LegacySource, SourceRow, UnknownList } from './source.js';

/** The lists by the first word of their files' names. */
const KINDS: readonly [RegExp, ItemKind][] = [
  [/^services?/i, 'service'],
  [/^providers?/i, 'doctor'],
  [/^customers?/i, 'user'],
  [/^appointments?/i, 'visit'],
];

const getKind = (name: string): ItemKind | undefined => KINDS.find(([pattern]) => pattern.test(name))?.[1];

/** Answers of Easy!Appointments' REST API, saved as `services.json`, `providers.json`, `customers.json` and `appointments.json`. */
export class EasyAppointmentsSource implements LegacySource {
  readonly name = 'easyappointments';
  readonly mapping = EASY_APPOINTMENTS_MAPPING;
  private readonly read: () => Promise<Collection[]>;

  constructor(files: readonly string[]) {
    this.read = readOnce(files);
  }

  async *rows(kind: ItemKind): AsyncGenerator<SourceRow> {
    const rows = readRows(await this.read(), kind, getKind);
    if (kind !== 'visit') {
      yield* rows;
      return;
    }
    const zones = await this.findZones();
    for await (const row of rows) {
      const zone = zones.get(row.fields?.text('providerId') ?? '');
      yield row.fields && zone ? { ...row, fields: new Fields({ ...row.fields.values, [PROVIDER_ZONE]: zone }) } : row;
    }
  }

  /** The zones of the providers, by their ids. */
  private async findZones(): Promise<Map<string, string>> {
    const zones = new Map<string, string>();
    for await (const { fields } of readRows(await this.read(), 'doctor', getKind)) {
      const [id, zone] = [fields?.text('id'), fields?.text('timezone')];
      if (id && zone) zones.set(id, zone);
    }
    return zones;
  }

  async findUnknown(): Promise<UnknownList[]> {
    return findUnknownLists(await this.read(), (name) => getKind(name) !== undefined);
  }
}
