import { Injectable } from '@nestjs/common';
import { foldText, nameKey } from '../../../../core/kernel/folded-text.js';
import { DoctorsService } from '../../../doctors/index.js';
import { ServicesService } from '../../../scheduling/index.js';
import { readAll } from '../../read-all.js';
import { ImportKeysRepository } from '../import-keys.repository.js';
import { splitName } from '../values/names.js';
import type { ImportContext, RowError } from './importer.js';

/** A doctor or service, or why none was found. */
type Found = { id: string } | { error: string };
type NamedKind = 'doctors' | 'services';

/** The doctors and services of a clinic, by their names and by their ids in the other system. */
export class ClinicCatalogue {
  private readonly idsByName: Readonly<Record<NamedKind, Map<string, Set<string>>>> = {
    doctors: new Map(),
    services: new Map(),
  };
  /** By the words of their names in any order. */
  private readonly doctorsByWords = new Map<string, Set<string>>();
  private readonly idsByExternalId = new Map<string, string>();
  readonly ids = new Set<string>();

  /** @param key the name in the form in which its spellings are equal: `nameKey` of a doctor, `foldText` of a service */
  add(kind: NamedKind, key: string, id: string): void {
    addTo(this.idsByName[kind], key, id);
    if (kind === 'doctors') addTo(this.doctorsByWords, sortWords(key), id);
    this.ids.add(id);
  }

  addExternalId(kind: NamedKind, externalId: string, id: string): void {
    if (this.ids.has(id)) this.idsByExternalId.set(`${kind} ${externalId}`, id);
  }

  /** The one whose name or external id is the text, or why there is none. */
  find(kind: NamedKind, text: string): Found {
    const externalId = this.idsByExternalId.get(`${kind} ${text}`);
    if (externalId) return { id: externalId };
    const [id, ...others] = this.findByName(kind, text);
    if (id === undefined) return { error: `is not the name or external id of one of the clinic’s ${kind}` };
    if (others.length > 0) return { error: `is the name of several ${kind}. Use their external ids` };
    return { id };
  }

  /** As `find`, for each of several texts. @returns errors of the field with the name of the kind, such as `doctors` */
  findAll(kind: NamedKind, texts: readonly string[]): { ids: string[]; errors: RowError[] } {
    const found = texts.map((text) => this.find(kind, text));
    return {
      ids: [...new Set(found.flatMap((one) => ('id' in one ? one.id : [])))],
      errors: found.flatMap((one) =>
        'id' in one ? [] : { field: kind, code: 'VALIDATION_ERROR' as const, message: one.error },
      ),
    };
  }

  /** Those with the name. If no doctor has it, those who have the same names in another order. */
  private findByName(kind: NamedKind, text: string): Iterable<string> {
    if (kind === 'services') return this.idsByName.services.get(foldText(text)) ?? [];
    const key = toDoctorKey(text);
    return this.idsByName.doctors.get(key) ?? this.doctorsByWords.get(sortWords(key)) ?? [];
  }

  /** The only doctor with exactly this name. */
  findDoctor(firstName: string, lastName: string): string | undefined {
    const [id, ...others] = this.idsByName.doctors.get(nameKey(firstName, lastName)) ?? [];
    return others.length === 0 ? id : undefined;
  }
}

const sortWords = (key: string): string => key.split(' ').sort().join(' ');

const addTo = (map: Map<string, Set<string>>, key: string, id: string): void =>
  void map.set(key, (map.get(key) ?? new Set()).add(id));

/** The key of a doctor's name without the title. */
function toDoctorKey(name: string): string {
  const names = splitName(name);
  return names ? nameKey(names.firstName, names.lastName) : nameKey(name);
}

/** Loads the doctors and services of a clinic. */
@Injectable()
export class CatalogueLoader {
  constructor(
    private readonly doctors: DoctorsService,
    private readonly services: ServicesService,
    private readonly keys: ImportKeysRepository,
  ) {}

  /** @param texts names and external ids that rows use */
  async load(
    { actor, clinicId }: ImportContext,
    texts: Readonly<Record<NamedKind, readonly string[]>>,
  ): Promise<ClinicCatalogue> {
    const catalogue = new ClinicCatalogue();
    for (const isActive of [true, false]) {
      const query = { clinicId, isActive, sort: 'createdAt', limit: 100, withTotal: false } as const;
      for await (const { id, firstName, lastName } of readAll((cursor) =>
        this.doctors.list(actor, { ...query, cursor }),
      ))
        catalogue.add('doctors', nameKey(firstName, lastName), id);
      for await (const { id, name } of readAll((cursor) => this.services.list(actor, { ...query, cursor })))
        catalogue.add('services', foldText(name), id);
    }
    for (const kind of ['doctors', 'services'] as const)
      await this.addExternalIds(catalogue, clinicId, kind, [...new Set(texts[kind])]);
    return catalogue;
  }

  private async addExternalIds(
    catalogue: ClinicCatalogue,
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
