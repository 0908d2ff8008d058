import { Fields } from '../fields.js';
import type { ItemKind } from '../legacy-data.js';
import { attendeeKey, CALCOM_MAPPING } from '../mapping/calcom.mapping.js';
import { readOnce, readRows, findUnknownLists, type Collection } from './json-files.js';
import type { LegacySource, SourceRow, UnknownList } from './source.js';

/** The lists by the first word of their files' names, such as `bookings-page-2.json`. */
const KINDS: readonly [RegExp, ItemKind][] = [
  [/^event[-_]?types?/i, 'service'],
  [/^bookings?/i, 'visit'],
];

const SCHEDULES = /^schedules?/i;

const getKind = (name: string): ItemKind | undefined => KINDS.find(([pattern]) => pattern.test(name))?.[1];

/**
 * JSON answers of Cal.com's API v2, saved as `event-types.json`, `schedules.json` and `bookings.json`. Doctors are the hosts of event types
 * and bookings; patients are the attendees of bookings.
 */
export class CalcomSource implements LegacySource {
  readonly name = 'calcom';
  readonly mapping = CALCOM_MAPPING;
  private readonly read: () => Promise<Collection[]>;

  constructor(files: readonly string[]) {
    this.read = readOnce(files);
  }

  async *rows(kind: ItemKind): AsyncGenerator<SourceRow> {
    const collections = await this.read();
    if (kind === 'doctor') yield* hosts(collections);
    else if (kind === 'user') yield* attendees(collections);
    else yield* readRows(collections, kind, getKind);
  }

  async findUnknown(): Promise<UnknownList[]> {
    return findUnknownLists(await this.read(), (name) => getKind(name) !== undefined || SCHEDULES.test(name));
  }
}

/** The schedules by their owners: the default one, or else the first. */
async function findSchedules(collections: readonly Collection[]): Promise<Map<string, Fields>> {
  const found = new Map<string, Fields>();
  for (const collection of collections.filter(({ name }) => SCHEDULES.test(name))) {
    for await (const { fields } of collection.rows()) {
      const owner = fields?.text('ownerId');
      if (fields && owner && (!found.has(owner) || fields.boolean('isDefault'))) found.set(owner, fields);
    }
  }
  return found;
}

interface Host {
  row: SourceRow;
  values: Record<string, unknown>;
  eventTypeIds: Set<string>;
}

async function* hosts(collections: readonly Collection[]): AsyncGenerator<SourceRow> {
  const found = new Map<string, Host>();
  const add = (row: SourceRow, host: Fields, eventTypeId: string | null): void => {
    const id = host.text('id', 'userId');
    if (id === null) return;
    const known = found.get(id) ?? { row, values: {}, eventTypeIds: new Set<string>() };
    if (eventTypeId !== null) known.eventTypeIds.add(eventTypeId);
    found.set(id, { ...known, values: { ...host.values, id, ...known.values } });
  };
  for await (const row of readRows(collections, 'service', getKind)) {
    const id = row.fields?.text('id') ?? null;
    for (const host of row.fields?.objects('hosts') ?? []) add(row, host, id);
    for (const user of row.fields?.objects('users') ?? []) add(row, user, id);
  }
  for await (const row of readRows(collections, 'visit', getKind)) {
    const [host] = row.fields?.objects('hosts') ?? [];
    if (host) add(row, host, row.fields?.text('eventTypeId') ?? null);
  }
  const schedules = await findSchedules(collections);
  for (const [id, { row, values, eventTypeIds }] of found) {
    const schedule = schedules.get(id)?.values;
    // An override is a day with other hours; the report names the field.
    const scheduleOverrides = schedule?.overrides;
    yield { ...row, fields: new Fields({ ...values, eventTypeIds: [...eventTypeIds], schedule, scheduleOverrides }) };
  }
}

/** Each attendee once, as in their latest booking of the files. */
async function* attendees(collections: readonly Collection[]): AsyncGenerator<SourceRow> {
  const found = new Map<string, SourceRow>();
  for await (const row of readRows(collections, 'visit', getKind)) {
    for (const attendee of row.fields?.objects('attendees') ?? []) {
      // A booking without an address is reported as a visit.
      if (!attendee.text('email', 'phoneNumber')) continue;
      const { absent: _, ...person } = attendee.values;
      found.set(attendeeKey(attendee), { ...row, fields: new Fields(person) });
    }
  }
  yield* found.values();
}
