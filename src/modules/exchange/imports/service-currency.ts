import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../core/kernel/actor.js';
import { ClinicsService } from '../../clinics/index.js';
import { ServicesService } from '../../scheduling/index.js';

/** Finds the currency of a clinic's prices. */
@Injectable()
export class ServiceCurrency {
  constructor(
    private readonly clinics: ClinicsService,
    private readonly services: ServicesService,
  ) {}

  /** @returns null if the clinic's services have none, or several @throws DomainError NOT_FOUND */
  async find(actor: Actor, clinicId: string): Promise<string | null> {
    const { id } = await this.clinics.get(clinicId);
    const query = { clinicId: id, isActive: true, sort: 'createdAt', limit: 100, withTotal: false } as const;
    const { items } = await this.services.list(actor, query);
    const [first, ...others] = new Set(items.map(({ price }) => price.currency));
    return first !== undefined && others.length === 0 ? first : null;
  }
}
