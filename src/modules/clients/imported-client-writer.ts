import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Clock } from '../../core/kernel/clock.js';
import { newId } from '../../core/kernel/id.js';
import { PatientAccounts, type ImportedPatient } from '../users/index.js';
import type { CreateClient } from './clients.dto.js';
import { ImportedClientsRepository, type NewClient, type NewClientClinic } from './imported-clients.repository.js';
import type { PatientKeys } from './known-patients.js';
import { RecordEncryption } from './record-encryption.js';

/** An imported patient with canonical values. `keys.id` is the id of the new record. */
export interface NewImportedClient {
  request: CreateClient;
  person: Omit<ImportedPatient, 'id'>;
  keys: PatientKeys;
}

/** Writes the records and accounts of many new patients with few statements, in the caller's transaction. */
@Injectable()
export class ImportedClientWriter {
  constructor(
    private readonly accounts: PatientAccounts,
    private readonly clients: ImportedClientsRepository,
    private readonly encryption: RecordEncryption,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  async write(clinicId: string, patients: readonly NewImportedClient[]): Promise<void> {
    if (patients.length === 0) return;
    const rows = patients.map((patient) => ({ ...patient, userId: newId() }));
    await this.accounts.registerImported(rows.map(({ userId, person }) => ({ id: userId, ...person })));
    await this.clients.insertAll(
      await Promise.all(rows.map((row) => this.toClient(row))),
      rows.map((row) => this.toClinicRecord(clinicId, row)),
    );
    await this.changes.recordAll(
      rows.map(({ keys: { id }, userId, request }) => ({
        ...{ action: 'client.created', objectType: 'client', objectId: id, clinicId, event: null },
        after: { id, userId, ...request, clinicId },
      })),
    );
  }

  private async toClient({ keys, userId, request }: NewImportedClient & { userId: string }): Promise<NewClient> {
    const { dateOfBirth = null, address = null, emergencyContact = null, sex = null } = request;
    const encrypted = await this.encryption.encryptClient(keys.id, { dateOfBirth, address, emergencyContact });
    return { id: keys.id, userId, sex, ...encrypted };
  }

  private toClinicRecord(clinicId: string, { keys, request }: NewImportedClient): NewClientClinic {
    const { mrn, notes = null } = request;
    return {
      clientId: keys.id,
      clinicId,
      registeredAt: new Date(this.clock.now()),
      ...this.encryption.encryptClinicTexts(keys.id, clinicId, { mrn: mrn || null, notes }),
      mrnIndex: keys.mrnIndex,
    };
  }
}
