import { Injectable } from '@nestjs/common';
import { checkBody } from '../../../../core/http/validation.js';
import { foldText } from '../../../../core/kernel/folded-text.js';
import { CreateService, ServicesService } from '../../../scheduling/index.js';
import { KnownRows, type RecordOutcome } from '../known-rows.js';
import type { AmountValue } from '../values/row-reader.js';
import { CatalogueLoader, type ClinicCatalogue } from './clinic-catalogue.js';
import {
  list,
  pick,
  text,
  type CheckedRow,
  type ImportContext,
  type Importer,
  type RowOutcome,
  type Values,
} from './importer.js';
import { RowAttempts } from './row-attempts.js';

export interface ServiceRequest {
  body: CreateService;
  externalId: string | undefined;
  doctors: string[];
}

const FIELDS = [
  'name',
  'description',
  'durationMinutes',
  'bufferBeforeMinutes',
  'bufferAfterMinutes',
  'mode',
  'capacity',
];

/** Imports services. */
@Injectable()
export class ServiceImporter implements Importer<ServiceRequest> {
  readonly batchSize = 50;

  constructor(
    private readonly services: ServicesService,
    private readonly catalogues: CatalogueLoader,
    private readonly knownRows: KnownRows,
    private readonly attempts: RowAttempts,
  ) {}

  check(values: Values, { clinicId, currency }: ImportContext): CheckedRow<ServiceRequest> {
    const price = values.price as AmountValue | undefined;
    const own = text(values, 'currency');
    const body = {
      ...pick(values, FIELDS),
      ...(price && { price: { amount: price.amount, currency: price.currency ?? own ?? currency } }),
      clinicId,
    };
    const { value, errors } = checkBody(CreateService, body);
    const doctors = list(values, 'doctors') ?? [];
    return { request: { body: value, externalId: text(values, 'externalId'), doctors }, errors };
  }

  async importAll(context: ImportContext, requests: readonly ServiceRequest[]): Promise<RowOutcome[]> {
    const doctors = requests.flatMap((request) => request.doctors);
    const catalogue = await this.catalogues.load(context, { doctors, services: [] });
    const keys = await Promise.all(requests.map((request) => this.toKey(context.clinicId, request)));
    const known = { seenKeys: context.seenKeys, existing: catalogue.ids };
    return this.knownRows.importNew(keys, known, (indexes) =>
      this.attempts.runEach(indexes, (index) => this.create(context, catalogue, requests[index] as ServiceRequest)),
    );
  }

  private async create(
    { actor }: ImportContext,
    catalogue: ClinicCatalogue,
    request: ServiceRequest,
  ): Promise<RecordOutcome> {
    const { body, doctors, externalId } = request;
    const found = externalId === undefined ? catalogue.find('services', body.name) : null;
    if (found && 'id' in found) return { id: found.id, isNew: false };
    const { ids: doctorIds, errors } = catalogue.findAll('doctors', doctors);
    if (errors.length > 0) return { errors };
    const { id } = await this.services.create(actor, { ...body, doctorIds });
    catalogue.add('services', foldText(body.name), id);
    return { id, isNew: true };
  }

  private toKey(clinicId: string, { externalId, body: { name } }: ServiceRequest): Promise<Buffer> {
    return this.knownRows.toKey(clinicId, 'services', externalId ? ['id', externalId] : ['name', foldText(name)]);
  }
}
