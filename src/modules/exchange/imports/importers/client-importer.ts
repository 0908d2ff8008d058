import { Injectable } from '@nestjs/common';
import { checkBody } from '../../../../core/http/validation.js';
import { nameKey } from '../../../../core/kernel/folded-text.js';
import { plainText } from '../../../../core/kernel/plain-text.js';
import { CreateClient, ImportedClientsService, type ImportedClientOutcome } from '../../../clients/index.js';
import { KnownRows } from '../known-rows.js';
import { splitName } from '../values/names.js';
import {
  text,
  type CheckedRow,
  type ImportContext,
  type Importer,
  type RowError,
  type RowOutcome,
  type Values,
} from './importer.js';

export interface ClientRequest {
  body: CreateClient;
  externalId: string | undefined;
}

const FIELDS = [
  ...(['firstName', 'lastName', 'email', 'phone', 'dateOfBirth', 'sex', 'mrn'] as const),
  ...(['address', 'emergencyContact', 'notes', 'locale', 'timeZone'] as const),
];

/** Imports patients. */
@Injectable()
export class ClientImporter implements Importer<ClientRequest> {
  readonly batchRows = 200;

  constructor(
    private readonly clients: ImportedClientsService,
    private readonly knownRows: KnownRows,
  ) {}

  check(values: Values, { clinicId }: ImportContext): CheckedRow<ClientRequest> {
    const { value, errors } = checkBody(CreateClient, { ...toPerson(values), clinicId });
    return { request: { body: value, externalId: text(values, 'externalId') }, errors };
  }

  async importAll({ clinicId, seenKeys }: ImportContext, requests: readonly ClientRequest[]): Promise<RowOutcome[]> {
    const keys = await Promise.all(requests.map((request) => this.toKey(clinicId, request)));
    return this.knownRows.importNew(keys, seenKeys, async (indexes) => {
      const bodies = indexes.flatMap((index) => requests[index]?.body ?? []);
      const outcomes = await this.clients.register(clinicId, bodies);
      return outcomes.map((outcome) => ('id' in outcome ? outcome : { errors: toRowErrors(outcome) }));
    });
  }

  private toKey(clinicId: string, { externalId, body }: ClientRequest): Promise<Buffer> {
    const { firstName, lastName, phone, email, dateOfBirth, mrn } = body;
    const parts = externalId
      ? ['id', externalId]
      : ['person', nameKey(firstName, lastName), phone && plainText(phone), email, dateOfBirth, mrn];
    return this.knownRows.toKey(clinicId, 'clients', parts);
  }
}

/** The fields of a person, with a full name as its parts. */
export function toPerson(values: Values): object {
  const fullName = text(values, 'fullName');
  const names = fullName === undefined ? null : splitName(fullName);
  const person = Object.fromEntries(FIELDS.flatMap((name) => (name in values ? [[name, values[name]]] : [])));
  return { ...(names && { firstName: names.firstName, lastName: names.lastName }), ...person };
}

const toRowErrors = ({ code, errors }: Extract<ImportedClientOutcome, { errors: unknown }>): RowError[] =>
  errors.map(({ field, error }) => ({ field, code, message: error }));
