import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { GuardianAccess } from '../clients/index.js';
import { paymentsUnavailable } from './payment.errors.js';
import { PaymentProvider } from './provider/payment-provider.js';
import type { PaymentRow } from './payments.repository.js';

/** Whose payments a caller may see: patients and guardians, and the front desk of the clinic. */
@Injectable()
export class PaymentAccess {
  constructor(
    private readonly guardians: GuardianAccess,
    private readonly changes: ChangeLog,
    private readonly provider: PaymentProvider,
  ) {}

  /** @throws DomainError NOT_FOUND */
  async assertMaySee(actor: Actor, payment: PaymentRow | null): Promise<PaymentRow> {
    if (payment && (await this.maySee(actor, payment))) return payment;
    throw notFound();
  }

  /** @throws DomainError NOT_FOUND, SERVICE_UNAVAILABLE without a configured provider */
  async assertMayRefund(actor: Actor, found: PaymentRow | null): Promise<PaymentRow> {
    const payment = await this.assertMaySee(actor, found);
    const { unavailableReason } = this.provider;
    if (unavailableReason) throw paymentsUnavailable(unavailableReason);
    return payment;
  }

  /** The actor with the record of the patient for whom a guardian acts. */
  async actFor(actor: Actor, clientId: string | undefined): Promise<Actor> {
    const requested = clientId?.toLowerCase();
    const isGuardian = requested !== undefined && (await this.guardians.mayActFor(actor, requested));
    return isGuardian ? { ...actor, clientId: requested } : actor;
  }

  /** Reads of guardians are recorded, those of patients are not. */
  async recordRead(actor: Actor, { id, clinicId, clientId }: PaymentRow): Promise<void> {
    const reader = toReader(actor, clientId);
    await this.changes.recordRead(reader, { objectType: 'payment', objectId: id, clinicId, clientId });
  }

  async recordList(actor: Actor, payments: readonly PaymentRow[]): Promise<void> {
    const ids = payments.map(({ clientId }) => clientId);
    const reader = ids.every((id) => id === actor.clientId) ? actor : toReader(actor, ids[0]);
    await this.changes.recordListRead(reader, 'payment', ids, payments);
  }

  private async maySee(actor: Actor, { clientId, clinicId }: PaymentRow): Promise<boolean> {
    if (actor.role !== 'CLIENT') return worksAtFrontDesk(actor, clinicId);
    return actor.clientId === clientId || this.guardians.mayActFor(actor, clientId);
  }
}

/** The reader in audit rows. */
const toReader = (actor: Actor, clientId: string | undefined) =>
  actor.role === 'CLIENT' && clientId !== undefined && actor.clientId !== clientId
    ? { role: 'GUARDIAN', clinicIds: [] }
    : actor;
