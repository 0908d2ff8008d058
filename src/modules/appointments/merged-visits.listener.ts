import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import { AppointmentEventCodec } from './appointment-event.js';
import { AppointmentsRepository } from './appointments.repository.js';

/** Publishes the visits that a merge of patient records, or its end, moved. */
@Injectable()
export class MergedVisitsListener implements OnModuleInit {
  constructor(
    private readonly consumers: OutboxConsumers,
    private readonly codec: AppointmentEventCodec,
    private readonly appointments: AppointmentsRepository,
    private readonly changes: ChangeLog,
  ) {}

  onModuleInit(): void {
    this.consumers.onEvents(['client.merged', 'client.unmerged'], async (events) => {
      for (const { name, payload } of events)
        await this.publishMoved(
          payload.appointmentIds as string[],
          name === 'client.merged' ? 'patient-merged' : 'patient-unmerged',
        );
    });
  }

  /** Publishes the appointments with the record that they belong to now. */
  private async publishMoved(appointmentIds: string[], action: string): Promise<void> {
    const views = await this.appointments.findEventViews(appointmentIds);
    const changes = [...views.values()].map(({ view, ...audience }) => ({
      action: `appointment.${action}`,
      objectType: 'appointment',
      objectId: view.id,
      clinicId: view.clinicId,
      after: view,
      event: { name: 'appointment:updated', payload: this.codec.toPayload(view, audience, { action }) },
    }));
    await this.changes.recordAll(changes);
  }
}
