import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import { Clock } from '../../core/kernel/clock.js';
import { forbidden, invalid, notFound, versionMismatch } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { isDeskOf, worksAt, type Actor } from '../../core/security/actor.js';
import { UsersService } from '../users/index.js';
import type { Client } from './client.entity.js';
import type { ChangeClient, ClientsQuery, ClientView, CreateClient, RecordFields } from './clients.dto.js';
import { ClientsRepository } from './clients.repository.js';

const EARLIEST_BIRTH = '1900-01-01';

@Injectable()
export class ClientsService {
  constructor(
    private readonly db: Database,
    private readonly clients: ClientsRepository,
    private readonly users: UsersService,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  async list(actor: Actor, query: ClientsQuery): Promise<Page<ClientView>> {
    return (await this.clients.list(actor, query)).map((client) => shownTo(actor, client));
  }

  /** Reading somebody's record leaves a trace. */
  async get(actor: Actor, id: string): Promise<ClientView> {
    const client = await this.visible(actor, id);
    await this.db.transaction(() =>
      this.changes.record({ action: 'client.read', objectType: 'client', objectId: id, event: null }),
    );
    return shownTo(actor, client);
  }

  /** A patient who came to the desk: no password; the account is there to be taken over by an invitation. */
  async create(actor: Actor, request: CreateClient): Promise<ClientView> {
    this.assertBirth(request);
    const clinicId = request.clinicId?.toLowerCase() ?? (actor.clinicIds.length === 1 ? actor.clinicIds[0] : undefined);
    if (!clinicId) throw invalid({ field: 'clinicId', error: 'must say which clinic' });
    if (!isDeskOf(actor, clinicId)) throw forbidden('You do not work at this clinic.');
    return this.db.transaction(async () => {
      await this.users.assertClinics([clinicId], 'clinicId');
      const userId = await this.users.insert({
        id: newId(),
        email: request.email ?? null,
        passwordHash: null,
        role: 'CLIENT',
        firstName: request.firstName,
        lastName: request.lastName,
        phone: request.phone ?? null,
        timeZone: request.timeZone ?? 'UTC',
        locale: request.locale ?? 'en',
      });
      const made = await this.clients.findByUser(userId);
      const client = made && (await this.clients.lock(made.id));
      if (!client) throw notFound();
      await this.clients.linkToClinic(client.id, clinicId);
      applyRecord(client, request);
      await this.clients.save(client);
      const view = await this.clients.find(client.id);
      if (!view) throw notFound();
      await this.changes.record({
        action: 'client.created',
        objectType: 'client',
        objectId: view.id,
        clinicId,
        after: view,
      });
      return view;
    });
  }

  async change(actor: Actor, id: string, request: ChangeClient, version: number | null): Promise<ClientView> {
    this.assertBirth(request);
    return this.db.transaction(async () => {
      const client = await this.clients.lock(id);
      if (!client) throw notFound();
      const before = await this.visible(actor, id);
      if (version !== null && version !== before.version) throw versionMismatch();
      applyRecord(client, request);
      const person = personOf(request);
      const isPersonChanged = Object.keys(person).length > 0;
      // One step for the record as it is shown, whichever of its two rows changes.
      if (!isPersonChanged) client.version += 1;
      client.updatedAt = new Date(this.clock.now());
      await this.clients.save(client);
      if (isPersonChanged) await this.users.changePerson(client.userId, person);
      const after = await this.clients.find(id);
      if (!after) throw notFound();
      await this.changes.record({ action: 'client.updated', objectType: 'client', objectId: id, before, after });
      return shownTo(actor, after);
    });
  }

  /** For whom may the actor book? A patient for itself; the desk for its clinics' clients, and for who is new to all. */
  async isBookable(actor: Actor, id: string): Promise<boolean> {
    if (actor.role === 'CLIENT') return id === actor.clientId;
    const clinicIds = await this.clients.clinicsOf(id);
    return clinicIds !== null && this.maySee(actor, { id, clinicIds });
  }

  private async visible(actor: Actor, id: string): Promise<ClientView> {
    const client = await this.clients.find(id);
    if (!client || !(await this.maySee(actor, client))) throw notFound();
    return client;
  }

  private async maySee(actor: Actor, { id, clinicIds }: Pick<ClientView, 'id' | 'clinicIds'>): Promise<boolean> {
    if (actor.role === 'ADMIN') return true;
    if (actor.role === 'DOCTOR') return this.clients.hasAppointmentWith(id, actor.doctorId);
    return clinicIds.length === 0 || clinicIds.some((clinicId) => isDeskOf(actor, clinicId));
  }

  private assertBirth({ dateOfBirth }: RecordFields): void {
    const today = new Date(this.clock.now() + 86_400_000).toISOString().slice(0, 10);
    if (dateOfBirth && (dateOfBirth < EARLIEST_BIRTH || dateOfBirth > today)) {
      throw invalid({ field: 'dateOfBirth', error: 'must be a day in the past' });
    }
  }
}

/** A clinic does not learn which others know the patient. */
const shownTo = (actor: Actor, client: ClientView): ClientView => ({
  ...client,
  clinicIds: client.clinicIds.filter((id) => worksAt(actor, id)),
});

const RECORD = ['dateOfBirth', 'sex', 'mrn', 'address', 'emergencyContact', 'notes'] as const;
const PERSON = ['firstName', 'lastName', 'phone', 'timeZone', 'locale'] as const;

function applyRecord(client: Client, request: RecordFields): void {
  for (const field of RECORD) if (request[field] !== undefined) Object.assign(client, { [field]: request[field] });
}

const personOf = (request: ChangeClient): Partial<Pick<ChangeClient, (typeof PERSON)[number]>> =>
  Object.fromEntries(PERSON.filter((field) => request[field] !== undefined).map((field) => [field, request[field]]));
