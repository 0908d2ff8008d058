import { Injectable } from '@nestjs/common';
import { BlindIndex } from '../../core/encryption/blind-index.js';
import { AccountContacts } from '../users/index.js';
import { ClientsRepository } from './clients.repository.js';
import type { PatientKeys } from './known-patients.js';

/** What identifies a patient, in canonical spelling. */
export interface IdentifiedPerson {
  id: string;
  firstName: string;
  lastName: string;
  email: string | null;
  phone: string | null;
  dateOfBirth: string | null;
  mrn: string | null;
}

/** Computes the keys by which patients are found again. */
@Injectable()
export class ImportedClientKeys {
  constructor(
    private readonly indexes: BlindIndex,
    private readonly contacts: AccountContacts,
    private readonly clients: ClientsRepository,
  ) {}

  async compute({ id, firstName, lastName, ...person }: IdentifiedPerson): Promise<PatientKeys> {
    const mrnKey = person.mrn ? await this.clients.toMrnKey(person.mrn) : null;
    return {
      ...{ id, firstName, lastName },
      emailIndex: await this.indexes.computeOptional('email', person.email),
      phoneIndex: await this.contacts.phoneIndex(person.phone),
      birthIndex: await this.indexes.computeOptional('birthDate', person.dateOfBirth),
      mrnIndex: await this.indexes.computeOptional('mrn', mrnKey),
    };
  }
}
