import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { newId } from '../../core/kernel/id.js';
import { ServicePrice } from './service-price.entity.js';
import type { PriceRule } from './service-price.js';
import type { ServicePricesView } from './service-prices.dto.js';
import type { Service } from './service.entity.js';

@Injectable()
export class ServicePricesRepository {
  constructor(private readonly db: Database) {}

  /** Hand-written SQL: one read for a service with its prices. */
  find(serviceId: string): Promise<ServicePricesView | null> {
    return this.db.row<ServicePricesView>(
      `SELECT json_build_object('amount', s.price_minor, 'currency', s.currency) AS price, s.first_visit_per AS "firstVisitPer",
         coalesce((SELECT json_agg(json_build_object('doctorId', p.doctor_id, 'visit', p.visit,
             'price', json_build_object('amount', p.price_minor, 'currency', s.currency)) ORDER BY p.doctor_id NULLS FIRST, p.visit)
           FROM service_price p WHERE p.service_id = s.id), '[]') AS prices, s.version
       FROM service s WHERE s.id = $1 AND s.deleted_at IS NULL`,
      [serviceId],
    );
  }

  async replace({ id: serviceId, clinicId }: Service, rules: readonly PriceRule[]): Promise<void> {
    const prices = this.db.repository(ServicePrice);
    await prices.delete({ serviceId });
    await prices.insert(
      rules.map(([doctorId, visit, priceMinor]) => ({ id: newId(), serviceId, clinicId, doctorId, visit, priceMinor })),
    );
  }
}
