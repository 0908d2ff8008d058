import { Injectable } from '@nestjs/common';
import { foldText, nameKey } from '../../../../core/kernel/folded-text.js';
import type { Page } from '../../../../core/http/page.js';
import { DoctorsService } from '../../../doctors/index.js';
import { ServicesService } from '../../../scheduling/index.js';
import { ImportKeysRepository } from '../import-keys.repository.js';
import { splitName } from '../values/names.js';
import type { ImportContext, RowError } from './importer.js';

type Found = { id: string } | { error: string };
type NamedKind = 'doctors' | 'services';

/** Finds doctors and services by their names, or by their ids in the other system. */
export class Catalogue {
  private readonly idsByName: Readonly<Record<NamedKind, Map<string, Set<string>>>> = {
    doctors: new Map(),
    services: new Map(),
  };
  /** By the words of their names in any order. */
  private readonly doctorsByWords = new Map<string, Set<string>>();
  private readonly idsByExternalId = new Map<string, string>();
  readonly ids = new Set<string>();

  add(kind: NamedKind, name: string, id: string): void {
    addTo(this.idsByName[kind], name, id);
    if (kind === 'doctors') addTo(this.doctorsByWords, sortWords(name), id);
    this.ids.add(id);
  }

  addExternalId(kind: NamedKind, externalId: string, id: string): void {
    if (this.ids.has(id)) this.idsByExternalId.set(`${kind} ${externalId}`, id);
  }

  find(kind: NamedKind, text: string): Found {
    const externalId = this.idsByExternalId.get(`${kind} ${text}`);
    if (externalId) return { id: externalId };
    const [id, ...others] = this.findByName(kind, text);
    if (id === undefined) return { error: `is not the name or external id of one of the clinic’s ${kind}` };
    if (others.length > 0) return { error: `is the name of several ${kind}. Use their external ids` };
    return { id };
  }

  /** Each of several, for the field of a row that has the name of the kind. */
  findAll(kind: NamedKind, texts: readonly string[]): { ids: string[]; errors: RowError[] } {
    const found = texts.map((text) => this.find(kind, text));
    return {
      ids: [...new Set(found.flatMap((one) => ('id' in one ? one.id : [])))],
      errors: found.flatMap((one) =>
        'id' in one ? [] : { field: kind, code: 'VALIDATION_ERROR' as const, message: one.error },
      ),
    };
  }

  /** The ids of those with the name; of doctors, otherwise of those whose names are the same in another order. */
  private findByName(kind: NamedKind, text: string): Iterable<string> {
    if (kind === 'services') return this.idsByName.services.get(foldText(text)) ?? [];
    const key = toDoctorKey(text);
    return this.idsByName.doctors.get(key) ?? this.doctorsByWords.get(sortWords(key)) ?? [];
  }

  /** The doctor with just this name. */
  findDoctor(firstName: string, lastName: string): string | undefined {
    const [id, ...others] = this.idsByName.doctors.get(nameKey(firstName, lastName)) ?? [];
    return others.length === 0 ? id : undefined;
  }
}

const sortWords = (key: string): string => key.split(' ').sort().join(' ');

const addTo = (map: Map<string, Set<string>>, key: string, id: string): void =>
  void map.set(key, (map.get(key) ?? new Set()).add(id));

/** Without the title. */
function toDoctorKey(name: string): string {
  const names = splitName(name);
  return names ? nameKey(names.firstName, names.lastName) : nameKey(name);
}

/** Loads the doctors and services of a clinic. */
@Injectable()
export class ClinicCatalogue {
  constructor(
    private readonly doctors: DoctorsService,
    private readonly services: ServicesService,
    private readonly keys: ImportKeysRepository,
  ) {}

  /** @param texts names and external ids that rows use */
  async load(
    { actor, clinicId }: ImportContext,
    texts: Readonly<Record<NamedKind, readonly string[]>>,
  ): Promise<Catalogue> {
    const catalogue = new Catalogue();
    for (const isActive of [true, false]) {
      const query = { clinicId, isActive, sort: 'createdAt', limit: 100, withTotal: false } as const;
      for await (const { id, firstName, lastName } of all((cursor) => this.doctors.list(actor, { ...query, cursor })))
        catalogue.add('doctors', nameKey(firstName, lastName), id);
      for await (const { id, name } of all((cursor) => this.services.list(actor, { ...query, cursor })))
        catalogue.add('services', foldText(name), id);
    }
    for (const kind of ['doctors', 'services'] as const)
      await this.addExternalIds(catalogue, clinicId, kind, [...new Set(texts[kind])]);
    return catalogue;
  }

  private async addExternalIds(
    catalogue: Catalogue,
    clinicId: string,
    kind: NamedKind,
    texts: readonly string[],
  ): Promise<void> {
    const keys = await Promise.all(texts.map((text) => this.keys.compute(clinicId, kind, ['id', text])));
    const found = await this.keys.find(keys);
    for (const [index, text] of texts.entries()) {
      const id = found.get(keys[index]?.toString('base64') ?? '');
      if (id) catalogue.addExternalId(kind, text, id);
    }
  }
}

async function* all<Item>(read: (cursor: string | undefined) => Promise<Page<Item>>): AsyncGenerator<Item, void> {
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const page = await read(cursor);
    yield* page.items;
    cursor = page.nextCursor ?? undefined;
  }
}
