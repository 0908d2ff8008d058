import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { NIL_ID } from '../../core/kernel/id.js';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import { AppointmentStatusService } from './appointment-status.service.js';
import { AppointmentsRepository } from './appointments.repository.js';

/** Cancels the upcoming visits of a patient whose account was closed or deleted: the clinic is notified and the time is free. */
@Injectable()
export class ClosedAccountsListener implements OnModuleInit {
  constructor(
    private readonly consumers: OutboxConsumers,
    private readonly appointments: AppointmentsRepository,
    private readonly status: AppointmentStatusService,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.consumers.onEvents(['user.closed', 'user.deleted'], async (events) => {
      for (const { aggregateId } of events) await this.cancelVisits(aggregateId);
    });
  }

  /** The patient counts as the one who cancels; no cut-off applies. */
  private async cancelVisits(userId: string): Promise<void> {
    const upcoming = await this.appointments.findUpcomingByAccount(userId, new Date(this.clock.now()));
    for (const { id, clientId } of upcoming) {
      const patient = { userId, clientId, role: 'CLIENT', sessionId: NIL_ID, doctorId: null, clinicIds: [] } as const;
      await this.status.cancelForClosedAccount(patient, id);
    }
  }
}
