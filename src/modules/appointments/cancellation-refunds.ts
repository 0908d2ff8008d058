import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { Clock } from '../../core/kernel/clock.js';
import { RefundMaker } from '../payments/index.js';
import { AppointmentChangeHooks, type CancellationParty, type ChangedAppointment } from './appointment-change-hooks.js';
import { isPastCutoff } from './cutoff.js';

interface RefundPolicy {
  cutoffMinutes: number;
  percentBeforeCutoff: number;
  percentAfterCutoff: number;
}

/** Refunds the payments of a cancelled appointment, in the transaction of its cancellation. */
@Injectable()
export class CancellationRefunds implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly hooks: AppointmentChangeHooks,
    private readonly refunds: RefundMaker,
  ) {}

  onModuleInit(): void {
    this.hooks.on('cancelled', (appointment, _before, { requestedBy = 'CLINIC' }) =>
      this.refund(appointment, requestedBy),
    );
  }

  /** In full if the clinic cancels; otherwise by the policy, before or after the cut-off. */
  private async refund(appointment: ChangedAppointment, requestedBy: CancellationParty): Promise<void> {
    const percent = requestedBy === 'CLINIC' ? 100 : await this.getPercent(appointment);
    await this.refunds.refundVisit(appointment.id, percent);
  }

  private async getPercent({ serviceId, startAt }: ChangedAppointment): Promise<number> {
    const policy = await this.db.row<RefundPolicy>(POLICY, [serviceId]);
    if (!policy) return 100;
    return isPastCutoff(startAt, policy.cutoffMinutes, this.clock.now())
      ? policy.percentAfterCutoff
      : policy.percentBeforeCutoff;
  }
}

const policy = (name: string, column: string): string => `coalesce((s.policy ->> '${name}')::int, k.${column})`;

// SQL: the policies of the service, or of its clinic.
const POLICY = `
  SELECT ${policy('cancellationCutoffMinutes', 'cancellation_cutoff_minutes')} AS "cutoffMinutes",
         ${policy('refundPercentBeforeCutoff', 'refund_percent_before_cutoff')} AS "percentBeforeCutoff",
         ${policy('refundPercentAfterCutoff', 'refund_percent_after_cutoff')} AS "percentAfterCutoff"
  FROM service s JOIN clinic k ON k.id = s.clinic_id WHERE s.id = $1`;
