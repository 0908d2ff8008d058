import { Injectable } from '@nestjs/common';
import { checkBody } from '../../../../core/http/validation.js';
import { nameKey } from '../../../../core/kernel/folded-text.js';
import { plainText } from '../../../../core/kernel/plain-text.js';
import { CreateClient, ImportedClientsService, type ImportedClientOutcome } from '../../../clients/index.js';
import { ImportKeysRepository } from '../import-keys.repository.js';
import { KnownRows, type RecordOutcome } from '../known-rows.js';
import { splitName } from '../values/names.js';
import {
  pick,
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
  readonly batchSize = 200;

  constructor(
    private readonly clients: ImportedClientsService,
    private readonly knownRows: KnownRows,
    private readonly keys: ImportKeysRepository,
  ) {}

  check(values: Values, { clinicId }: ImportContext): CheckedRow<ClientRequest> {
    const { value, errors } = checkBody(CreateClient, { ...toPerson(values), clinicId });
    return { request: { body: value, externalId: text(values, 'externalId') }, errors };
  }

  async importAll({ clinicId, seenKeys }: ImportContext, requests: readonly ClientRequest[]): Promise<RowOutcome[]> {
    const keys = await Promise.all(requests.map((request) => this.toKey(clinicId, request)));
    return this.knownRows.importNew(keys, { seenKeys }, async (indexes) => {
      const tried = indexes.flatMap((index) => requests[index] ?? []);
      const outcomes = await this.clients.register(
        clinicId,
        tried.map(({ body }) => body),
      );
      return this.refuseOtherIds(clinicId, tried, outcomes);
    });
  }

  /**
   * Refuses a row that was found as the same person as a row with another id. Two ids are two records in the other system: if only the
   * name and a telephone number or an address are equal, they may be a parent and a child.
   */
  private async refuseOtherIds(
    clinicId: string,
    requests: readonly ClientRequest[],
    outcomes: readonly ImportedClientOutcome[],
  ): Promise<RecordOutcome[]> {
    const found = outcomes.flatMap((outcome) => ('id' in outcome && !outcome.isSure ? outcome.id : []));
    const ownKeys = await Promise.all(requests.map(({ body }) => this.toPersonKey(clinicId, body)));
    const taken = await this.keys.findImported(found, ownKeys);
    return outcomes.map((outcome, index) => {
      if (!('id' in outcome)) return { errors: toPersonErrors(outcome) };
      if (requests[index]?.externalId === undefined) return outcome;
      if (!outcome.isSure && taken.has(outcome.id)) return { errors: [OTHER_ID] };
      taken.add(outcome.id);
      return outcome;
    });
  }

  private toKey(clinicId: string, { externalId, body }: ClientRequest): Promise<Buffer> {
    return externalId
      ? this.knownRows.toKey(clinicId, 'clients', ['id', externalId])
      : this.toPersonKey(clinicId, body);
  }

  private toPersonKey(clinicId: string, body: CreateClient): Promise<Buffer> {
    const { firstName, lastName, phone, email, dateOfBirth, mrn } = body;
    const name = nameKey(firstName, lastName);
    return this.knownRows.toKey(clinicId, 'clients', [
      'person',
      name,
      phone && plainText(phone),
      email,
      dateOfBirth,
      mrn,
    ]);
  }
}

const OTHER_ID: RowError = {
  ...{ field: 'externalId', code: 'ALREADY_EXISTS' },
  message: 'has the name and telephone number or address of another id. Add their record numbers or dates of birth',
};

/** The fields of a person, with a full name as its parts. */
function toPerson(values: Values): object {
  const fullName = text(values, 'fullName');
  const names = fullName === undefined ? null : splitName(fullName);
  const person = pick(values, FIELDS);
  return { ...(names && { firstName: names.firstName, lastName: names.lastName }), ...person };
}

const toPersonErrors = ({ code, errors }: Extract<ImportedClientOutcome, { errors: unknown }>): RowError[] =>
  errors.map(({ field, error }) => ({ field, code, message: error }));
