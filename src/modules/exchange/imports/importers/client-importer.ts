import { Injectable } from '@nestjs/common';
import { checkBody } from '../../../../core/http/validation.js';
import { nameKey } from '../../../../core/kernel/folded-text.js';
import { plainText } from '../../../../core/kernel/plain-text.js';
import { CreateClient, ImportedClientsService, type ImportedClientOutcome } from '../../../clients/index.js';
import { ImportKeysRepository } from '../import-keys.repository.js';
import { splitName } from '../values/names.js';
import { text, type CheckedRow, type ImportContext, type Importer, type RowOutcome, type Values } from './importer.js';

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
    private readonly keys: ImportKeysRepository,
  ) {}

  check(values: Values, { clinicId }: ImportContext): CheckedRow<ClientRequest> {
    const { value, errors } = checkBody(CreateClient, { ...toPerson(values), clinicId });
    return { request: { body: value, externalId: text(values, 'externalId') }, errors };
  }

  async importAll(context: ImportContext, requests: readonly ClientRequest[]): Promise<RowOutcome[]> {
    const { clinicId, seenKeys } = context;
    const keys = await Promise.all(requests.map((request) => this.toKey(clinicId, request)));
    const known = await this.keys.find(keys);
    const isKnown = keys.map((key) => {
      const name = key.toString('base64');
      return known.has(name) || seenKeys?.has(name) === true;
    });
    const fresh = requests.filter((_, index) => !isKnown[index]);
    const registered = await this.clients.register(
      clinicId,
      fresh.map(({ body }) => body),
    );
    const freshKeys = keys.filter((_, index) => !isKnown[index]);
    await this.keys.save(
      registered.flatMap((outcome, index) => {
        const key = freshKeys[index];
        return key && 'id' in outcome ? [{ key, recordId: outcome.id }] : [];
      }),
    );
    for (const key of freshKeys) seenKeys?.add(key.toString('base64'));
    const outcomes = registered.map(toOutcome);
    return isKnown.map((one) => (one ? 'UNCHANGED' : (outcomes.shift() ?? 'UNCHANGED')));
  }

  private toKey(clinicId: string, { externalId, body }: ClientRequest): Promise<Buffer> {
    const { firstName, lastName, phone, email, dateOfBirth, mrn } = body;
    const parts = externalId
      ? ['id', externalId]
      : ['person', nameKey(firstName, lastName), phone && plainText(phone), email, dateOfBirth, mrn];
    return this.keys.compute(clinicId, 'clients', parts);
  }
}

/** The fields of a person, with a full name as its parts. */
export function toPerson(values: Values): object {
  const fullName = text(values, 'fullName');
  const names = fullName === undefined ? null : splitName(fullName);
  const person = Object.fromEntries(FIELDS.flatMap((name) => (name in values ? [[name, values[name]]] : [])));
  return { ...(names && { firstName: names.firstName, lastName: names.lastName }), ...person };
}

const toOutcome = (outcome: ImportedClientOutcome): RowOutcome => {
  if ('id' in outcome) return outcome.isNew ? 'CREATED' : 'UNCHANGED';
  const { code, errors } = outcome;
  return { errors: errors.map(({ field, error }) => ({ field, code, message: error })) };
};
