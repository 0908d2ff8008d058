import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import type { Page, BindValue } from '../../core/http/page.js';
import { Clock } from '../../core/kernel/clock.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { worksAt, type Actor } from '../../core/kernel/actor.js';
import type { EmergencyAccess } from '../break-glass/index.js';
import { PatientAccounts } from '../users/index.js';
import { ClientAccess } from './client-access.js';
import type { Client } from './client.entity.js';
import { applyRecord, assertDateOfBirth, assertNotesFit, toClinicRecord } from './client-record.js';
import type { ChangeClient, ClientsQuery, ClientView } from './clients.dto.js';
import { ClientsRepository } from './clients.repository.js';
import { matchesSearch } from './client-search.js';
import { clinicsToRead, clinicToWrite, hideOtherClinics } from './clinic-scope.js';

/** Lists, reads and changes patient records. */
@Injectable()
export class ClientsService {
  constructor(
    private readonly clients: ClientsRepository,
    private readonly access: ClientAccess,
    private readonly accounts: PatientAccounts,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  /** The patients that the actor may see. Audits the read with one row for each clinic that contains the ids of the listed patients. */
  async list(actor: Actor, query: ClientsQuery): Promise<Page<ClientView>> {
    const countries = query.q ? await this.accounts.getSearchCountries(query.q, actor.clinicIds) : [];
    const page = await this.clients.list(actor, query, clinicsToRead(actor, query.clinicId), countries);
    await this.changes.recordListRead(
      actor,
      'client',
      page.items.map(({ id }) => id),
    );
    return page.map((client) => hideOtherClinics(actor, client));
  }

  /**
   * Prepares the search of `list` for another feature's list of rows that belong to patients.
   * @returns the SQL condition that a column has the id of a patient who matches. It does not decide what the actor may see.
   */
  async prepareSearch(
    actor: Actor,
    q: string,
    clinicId: string | undefined,
  ): Promise<(column: string, bind: BindValue) => string> {
    const countries = await this.accounts.getSearchCountries(q, actor.clinicIds);
    const search = await this.clients.toPatientSearch(q, countries);
    const clinicIds = clinicsToRead(actor, clinicId);
    return (column, bind) => matchesSearch(search, clinicIds, bind, column);
  }

  /**
   * A record with the fields of the requested clinic or, if the patient has only one of the reader's clinics (during an emergency
   * access, only one clinic), of that clinic. Audits the read.
   * @throws DomainError NOT_FOUND
   */
  async get(actor: Actor, id: string, clinicId?: string): Promise<ClientView> {
    const { client, emergencyAccess } = await this.access.findReadable(actor, id, clinicId);
    if (emergencyAccess) {
      await this.recordEmergencyRead(id, emergencyAccess);
      return client;
    }
    const auditedClinicId = clinicId && worksAt(actor, clinicId) ? clinicId.toLowerCase() : undefined;
    await this.changes.recordRead(actor, {
      objectType: 'client',
      objectId: id,
      clinicId: auditedClinicId,
      clientId: id,
    });
    return hideOtherClinics(actor, client);
  }

  /** Record number and notes belong to one clinic; all other fields are shared by all clinics. */
  async change(actor: Actor, id: string, request: ChangeClient, version: number | null): Promise<ClientView> {
    assertDateOfBirth(request, this.clock.now());
    let clinicId: string | null = null;
    const changed = await this.changes.versionedUpdate({
      objectType: 'client',
      id,
      version,
      lock: () => this.lock(actor, id, request.clinicId),
      change: async (client, before) => {
        clinicId = await this.saveClinicRecord(actor, before, request);
        await this.save(client, request, clinicId);
      },
      read: async () => {
        const after = await this.clients.find(id, clinicsToRead(actor, clinicId ?? undefined));
        if (!after) throw notFound();
        return after;
      },
      details: () => ({ clinicId }),
    });
    return hideOtherClinics(actor, changed);
  }

  /** A record that the actor may change, as the front desk of a clinic of the patient. @throws DomainError NOT_FOUND, FORBIDDEN */
  getForDesk(actor: Actor, id: string): Promise<ClientView> {
    return this.access.findWritable(actor, id);
  }

  /** One row for each clinic of the access, as for its opening, so that the managers of each find both. */
  private async recordEmergencyRead(id: string, { id: breakGlassId, clinicIds }: EmergencyAccess): Promise<void> {
    const changes = { clientIds: [id], breakGlassId };
    const access = { action: 'client.read', objectType: 'client', objectId: id, changes };
    await this.changes.recordAccesses(clinicIds.map((clinicId) => ({ ...access, clinicId })));
  }

  /** The user ids of patients. The caller must have checked the access to them. */
  async findUserIds(ids: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.clients.findUserIds(ids);
    return new Map(rows.map(({ id, userId }) => [id, userId]));
  }

  /** @returns the clinic that the change belongs to; null if it belongs to none in particular */
  private async saveClinicRecord(actor: Actor, before: ClientView, request: ChangeClient): Promise<string | null> {
    const record = toClinicRecord(request);
    if (Object.keys(record).length === 0 && request.clinicId === undefined) return before.clinicId;
    const clinicId = clinicToWrite(actor, before, request.clinicId);
    assertNotesFit(record.notes, before.clinicId === clinicId ? before.notes : null);
    await this.clients.assertMrnIsFree(record.mrn, clinicId, before.id);
    await this.clients.saveClinicRecord(before.id, clinicId, record);
    return clinicId;
  }

  private async save(client: Client, request: ChangeClient, clinicId: string | null): Promise<void> {
    applyRecord(client, request);
    const person = pickPersonFields(request);
    const isPersonChanged = Object.keys(person).length > 0;
    // The record's version is the sum of both rows' versions: increment only one of them.
    if (!isPersonChanged) client.version += 1;
    client.updatedAt = new Date(this.clock.now());
    await this.clients.save(client);
    if (!isPersonChanged) return;
    await this.accounts.change(client.userId, person, clinicId);
  }

  private async lock(
    actor: Actor,
    id: string,
    clinicId: string | undefined,
  ): Promise<{ row: Client; before: ClientView }> {
    const client = await this.clients.lock(id);
    if (!client) throw notFound();
    return { row: client, before: await this.access.findWritable(actor, id, clinicId) };
  }
}

const PERSON_FIELDS = ['firstName', 'lastName', 'phone', 'timeZone', 'locale'] as const;

const pickPersonFields = (request: ChangeClient): Partial<Pick<ChangeClient, (typeof PERSON_FIELDS)[number]>> =>
  Object.fromEntries(
    PERSON_FIELDS.filter((field) => request[field] !== undefined).map((field) => [field, request[field]]),
  );
