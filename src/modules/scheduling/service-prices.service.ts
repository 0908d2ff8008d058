import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Clock } from '../../core/kernel/clock.js';
import { invalid, notFound } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import type { PriceRule } from './service-price.js';
import type { ServicePricesView, SetServicePrices } from './service-prices.dto.js';
import { ServicePricesRepository } from './service-prices.repository.js';
import { ServicesRepository } from './services.repository.js';
import { lockManagedService } from './services.service.js';

/** Prices of a service by doctor and by first or follow-up visit. Appointments keep the price that they were booked at. */
@Injectable()
export class ServicePricesService {
  constructor(
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
    private readonly services: ServicesRepository,
    private readonly prices: ServicePricesRepository,
  ) {}

  /** @throws DomainError NOT_FOUND */
  async get(serviceId: string): Promise<ServicePricesView> {
    const view = await this.prices.find(serviceId);
    if (!view) throw notFound();
    return view;
  }

  /**
   * Replaces all prices.
   * @throws DomainError VALIDATION_ERROR for a repeated price, another currency, or a doctor who does not provide the service
   */
  set(actor: Actor, id: string, request: SetServicePrices, version: number | null): Promise<ServicePricesView> {
    return this.changes.versionedUpdate({
      objectType: 'service',
      id,
      version,
      lock: async () => ({ row: await lockManagedService(this.services, actor, id), before: await this.get(id) }),
      change: async (service, before) => {
        const doctorIds = (await this.services.find(id))?.doctorIds ?? [];
        const rules = toRules(request, before.price.currency, doctorIds);
        service.firstVisitPer = request.firstVisitPer;
        service.version += 1;
        service.updatedAt = new Date(this.clock.now());
        await this.services.save(service);
        await this.prices.replace(service, rules);
        return service;
      },
      read: () => this.get(id),
      details: (_before, _after, { clinicId }) => ({
        clinicId,
        event: { name: 'service.updated', payload: { id, changed: ['prices'] } },
      }),
    });
  }
}

function toRules({ prices }: SetServicePrices, currency: string, doctorIds: readonly string[]): PriceRule[] {
  const seen = new Set<string>();
  return prices.map(({ doctorId: requested, visit, price }, index) => {
    const doctorId = requested?.toLowerCase() ?? null;
    const field = `prices[${index}]`;
    if (price.currency !== currency)
      throw invalid({ field: `${field}.price.currency`, error: `must be ${currency}, the currency of the service` });
    if (doctorId && !doctorIds.includes(doctorId))
      throw invalid({ field: `${field}.doctorId`, error: 'is not a doctor of this service' });
    if (seen.has(`${doctorId} ${visit}`)) throw invalid({ field, error: 'repeats a doctor and a kind of visit' });
    seen.add(`${doctorId} ${visit}`);
    return [doctorId, visit, price.amount];
  });
}
