import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';
import { VISIT_KINDS, type VisitKind } from './service-price.js';

/** A price of a service for one doctor, for first or follow-up visits, or both. Its currency is the service's. */
@Index('service_price_key', { synchronize: false })
@Entity('service_price')
export class ServicePrice {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('service')
  @Column('uuid')
  serviceId: string;

  @ForeignKey('clinic')
  @Column('uuid')
  clinicId: string;

  /** Null for all doctors. */
  @ForeignKey('doctor')
  @Column('uuid', { nullable: true })
  doctorId: string | null;

  @Check('service_price_visit_check', isOneOf('visit', VISIT_KINDS))
  @Column('text')
  visit: VisitKind;

  @Check('service_price_price_minor_check', 'price_minor >= 0')
  @Column('bigint')
  priceMinor: number;
}
