import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { DomainError, invalid, notFound } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import { GuardianAccess } from '../clients/index.js';
import type { Payable } from '../payments/index.js';
import { BookingRulesService } from '../scheduling/index.js';
import { HoldsService } from './holds.service.js';
import { readVisitPrices } from './visit-prices.js';

interface BookedRow {
  clinicId: string;
  clientId: string;
  serviceId: string;
  doctorId: string;
  startAt: Date;
  status: string;
  amount: number;
  currency: string;
  taxBasisPoints: number;
  depositPercent: number;
}

/** Finds visits of patients, and of the children of guardians, with what they cost. */
@Injectable()
export class PayableVisits {
  constructor(
    private readonly db: Database,
    private readonly guardians: GuardianAccess,
    private readonly holds: HoldsService,
    private readonly rules: BookingRulesService,
  ) {}

  /** @throws DomainError NOT_FOUND, HOLD_EXPIRED, VALIDATION_ERROR for a hold without a patient */
  async findHeld(actor: Actor, holdId: string): Promise<Payable> {
    const patient = await this.holds.findPatient(holdId);
    const acting = await this.guardians.actFor(actor, patient ?? undefined);
    const { clientId, clinicId, serviceId, doctorId, startAt } = await this.holds.getForBooking(acting, holdId);
    if (!clientId) throw invalid({ field: 'holdId', error: 'is a hold without a patient' });
    return this.rules.withRules(serviceId, async (rules) => {
      const price = (await readVisitPrices(this.db, clientId, rules)).get(doctorId);
      const { requiresDeposit, depositPercent } = rules.row;
      return {
        clinicId,
        clientId,
        holdId,
        appointmentId: null,
        serviceId,
        doctorId,
        startAt,
        price,
        depositPercent: requiresDeposit ? depositPercent : 100,
      };
    });
  }

  /** @throws DomainError NOT_FOUND, INVALID_TRANSITION for a visit that is cancelled, or was missed */
  async findBooked(actor: Actor, appointmentId: string): Promise<Payable> {
    const row = await this.db.row<BookedRow>(BOOKED, [appointmentId]);
    if (!row) throw notFound();
    const isOwn = row.clientId === actor.clientId || (await this.guardians.mayActFor(actor, row.clientId));
    if (!isOwn) throw notFound();
    const { amount, currency, taxBasisPoints, status, ...visit } = row;
    if (status === 'CANCELLED' || status === 'NO_SHOW') {
      throw new DomainError('INVALID_TRANSITION', `An appointment that is ${status} cannot be paid for.`, {
        from: status,
      });
    }
    return { ...visit, holdId: null, appointmentId, price: { amount, currency, taxBasisPoints } };
  }
}

// Hand-written SQL: the appointment with the policy of its service or clinic.
const BOOKED = `
  SELECT a.clinic_id AS "clinicId", a.client_id AS "clientId", a.service_id AS "serviceId", a.doctor_id AS "doctorId",
         a.start_at AS "startAt", a.status, a.price_minor::float8 AS amount, a.currency, a.tax_basis_points AS "taxBasisPoints",
         coalesce((s.policy ->> 'depositPercent')::int, k.deposit_percent) AS "depositPercent"
  FROM appointment a JOIN service s ON s.id = a.service_id JOIN clinic k ON k.id = a.clinic_id WHERE a.id = $1`;
