import { Injectable } from '@nestjs/common';
import { checkBody } from '../../../../core/http/validation.js';
import { nameKey } from '../../../../core/kernel/folded-text.js';
import { CreateDoctor, DoctorsService } from '../../../doctors/index.js';
import { KnownRows, type RecordOutcome } from '../known-rows.js';
import { parseLanguage } from '../values/languages.js';
import { splitName } from '../values/names.js';
import { CatalogueLoader, type ClinicCatalogue } from './clinic-catalogue.js';
import {
  list,
  text,
  type CheckedRow,
  type ImportContext,
  type Importer,
  type RowOutcome,
  type Values,
} from './importer.js';
import { RowAttempts } from './row-attempts.js';

export interface DoctorRequest {
  body: CreateDoctor;
  externalId: string | undefined;
  services: string[];
}

/** Imports doctors. */
@Injectable()
export class DoctorImporter implements Importer<DoctorRequest> {
  readonly batchSize = 50;

  constructor(
    private readonly doctors: DoctorsService,
    private readonly catalogues: CatalogueLoader,
    private readonly knownRows: KnownRows,
    private readonly attempts: RowAttempts,
  ) {}

  check(values: Values, { clinicId }: ImportContext): CheckedRow<DoctorRequest> {
    const fullName = text(values, 'fullName');
    const names = fullName === undefined ? null : splitName(fullName);
    const body = {
      clinicId,
      firstName: text(values, 'firstName') ?? names?.firstName,
      lastName: text(values, 'lastName') ?? names?.lastName,
      title: text(values, 'title') ?? names?.title ?? undefined,
      speciality: text(values, 'speciality'),
      bio: text(values, 'bio'),
      languages: list(values, 'languages')?.map(parseLanguage),
    };
    const { value, errors } = checkBody(CreateDoctor, withoutUndefined(body));
    const services = list(values, 'services') ?? [];
    return { request: { body: value, externalId: text(values, 'externalId'), services }, errors };
  }

  async importAll(context: ImportContext, requests: readonly DoctorRequest[]): Promise<RowOutcome[]> {
    const services = requests.flatMap((request) => request.services);
    const catalogue = await this.catalogues.load(context, { doctors: [], services });
    const keys = await Promise.all(requests.map((request) => this.toKey(context.clinicId, request)));
    const known = { seenKeys: context.seenKeys, existing: catalogue.ids };
    return this.knownRows.importNew(keys, known, (indexes) =>
      this.attempts.runEach(indexes, (index) => this.create(context, catalogue, requests[index] as DoctorRequest)),
    );
  }

  private async create(
    { actor }: ImportContext,
    catalogue: ClinicCatalogue,
    request: DoctorRequest,
  ): Promise<RecordOutcome> {
    const { body, services, externalId } = request;
    const found = externalId === undefined ? catalogue.findDoctor(body.firstName, body.lastName) : undefined;
    if (found !== undefined) return { id: found, isNew: false };
    const { ids: serviceIds, errors } = catalogue.findAll('services', services);
    if (errors.length > 0) return { errors };
    const { id } = await this.doctors.create(actor, { ...body, serviceIds });
    catalogue.add('doctors', nameKey(body.firstName, body.lastName), id);
    return { id, isNew: true };
  }

  private toKey(clinicId: string, { externalId, body: { firstName, lastName } }: DoctorRequest): Promise<Buffer> {
    const parts = externalId ? ['id', externalId] : ['name', nameKey(firstName, lastName)];
    return this.knownRows.toKey(clinicId, 'doctors', parts);
  }
}

/** A field that is undefined would be refused as if it were in the request. */
const withoutUndefined = (body: object): object =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
