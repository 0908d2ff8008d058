import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { assignDefined, updateEvent } from '../../core/changes/versioned-update.js';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import { Clock } from '../../core/kernel/clock.js';
import { DomainError, forbidden, invalid, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { assertManages, manages, type Actor } from '../../core/kernel/actor.js';
import { ClinicsService, clinicsManagedBy } from '../clinics/index.js';
import type { Service } from './service.entity.js';
import type { ChangeService, CreateService, Price, ServicesQuery, ServiceView } from './services.dto.js';
import { changePolicy } from './service-policy.js';
import { ServicesRepository } from './services.repository.js';

@Injectable()
export class ServicesService {
  constructor(
    private readonly db: Database,
    private readonly services: ServicesRepository,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
    private readonly clinics: ClinicsService,
  ) {}

  /** Lists active services; with `isActive: false` the inactive ones of the clinics that the caller manages. */
  list(actor: Actor | null, query: ServicesQuery): Promise<Page<ServiceView>> {
    return this.services.list(query, clinicsManagedBy(actor));
  }

  /** Also returns inactive services: past appointments refer to them. */
  async get(id: string): Promise<ServiceView> {
    const service = await this.services.find(id);
    if (!service) throw notFound();
    return service;
  }

  /** The service of each doctor to book if none is chosen; doctors without a service are omitted. */
  async findDefaults(doctorIds: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.services.findDefaults(doctorIds);
    return new Map(rows.map(({ doctorId, serviceId }) => [doctorId, serviceId]));
  }

  async create(actor: Actor, { doctorIds = [], price, policy = {}, ...fields }: CreateService): Promise<ServiceView> {
    assertManages(actor, fields.clinicId);
    return this.db.transaction(async () => {
      await this.clinics.assertExists(fields.clinicId);
      const id = newId();
      await this.assertReviewService(fields.clinicId, fields.reviewServiceId);
      await this.services.insert({ id, ...fields, ...toPriceColumns(price), policy: changePolicy({}, policy) });
      await this.setDoctors(id, fields.clinicId, doctorIds);
      const after = await this.get(id);
      await this.changes.record({
        action: 'service.created',
        objectType: 'service',
        objectId: id,
        clinicId: after.clinicId,
        after,
      });
      return after;
    });
  }

  async change(
    actor: Actor,
    id: string,
    { doctorIds, price, policy, ...fields }: ChangeService,
    version: number | null,
  ): Promise<ServiceView> {
    return this.changes.versionedUpdate({
      objectType: 'service',
      id,
      version,
      lock: async () => ({ row: await this.lock(actor, id), before: await this.get(id) }),
      change: async (service) => {
        await this.assertReviewService(service.clinicId, fields.reviewServiceId);
        assignDefined(service, fields);
        if (price && price.currency !== service.currency && (await this.services.hasPrices(id))) {
          throw invalid({
            field: 'price.currency',
            error: 'cannot change while the service has prices by doctor or visit',
          });
        }
        if (price) assignDefined(service, toPriceColumns(price));
        if (policy) service.policy = changePolicy(service.policy, policy);
        service.version += 1;
        service.updatedAt = new Date(this.clock.now());
        await this.services.save(service);
        if (doctorIds) await this.setDoctors(id, service.clinicId, doctorIds);
      },
      read: () => this.get(id),
      details: (before, after) => ({ clinicId: after.clinicId, event: updateEvent('service', before, after) }),
    });
  }

  /** @throws DomainError IN_USE while the service has upcoming appointments or holds */
  async remove(actor: Actor, id: string): Promise<null> {
    return this.db.transaction(async () => {
      const service = await this.lock(actor, id);
      const now = new Date(this.clock.now());
      if (await this.services.isBookedAfter(id, now))
        throw new DomainError('IN_USE', 'The service has upcoming appointments or holds. Cancel or move them first.');
      const before = await this.get(id);
      service.deletedAt = now;
      await this.services.save(service);
      await this.services.setDoctors(id, service.clinicId, []);
      await this.changes.record({
        action: 'service.deleted',
        objectType: 'service',
        objectId: id,
        clinicId: service.clinicId,
        before,
      });
      return null;
    });
  }

  private lock(actor: Actor, id: string): Promise<Service> {
    return lockManagedService(this.services, actor, id);
  }

  private async assertReviewService(clinicId: string, id: string | null | undefined): Promise<void> {
    if (id && !(await this.services.belongsToClinic(id, clinicId)))
      throw invalid({ field: 'reviewServiceId', error: 'must be a service of the same clinic' });
  }

  private async setDoctors(id: string, clinicId: string, doctorIds: string[]): Promise<void> {
    if (!(await this.services.setDoctors(id, clinicId, doctorIds))) {
      throw invalid({ field: 'doctorIds', error: 'must be doctors of the same clinic' });
    }
  }
}

/** Locks a service. @throws DomainError NOT_FOUND, FORBIDDEN if the actor does not manage its clinic */
export async function lockManagedService(services: ServicesRepository, actor: Actor, id: string): Promise<Service> {
  const service = await services.lock(id);
  if (!service || service.deletedAt) throw notFound();
  if (!manages(actor, service.clinicId)) throw forbidden('You do not manage the clinic of this service.');
  return service;
}

const toPriceColumns = ({ amount, currency }: Price): { priceMinor: number; currency: string } => ({
  priceMinor: amount,
  currency,
});
