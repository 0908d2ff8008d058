import { Injectable } from '@nestjs/common';
import type { OutboxEvent } from '../../core/outbox/outbox-event.js';
import { AppointmentEventCodec, type AppointmentEventView } from './appointment-event.js';
import { AppointmentsRepository } from './appointments.repository.js';

export const APPOINTMENT_EVENTS = ['appointment:created', 'appointment:updated', 'appointment:cancelled'];

/** An event with the appointment at the version of the change. */
export interface ReadAppointmentEvent {
  event: OutboxEvent;
  view: AppointmentEventView;
}

/** Reads the appointments of events. */
@Injectable()
export class AppointmentEventReader {
  constructor(
    private readonly codec: AppointmentEventCodec,
    private readonly appointments: AppointmentsRepository,
  ) {}

  /**
   * The events with their appointments. For events that do not carry it (see AppointmentEventCodec.read), one query reads the current
   * appointments.
   */
  async read(events: OutboxEvent[]): Promise<ReadAppointmentEvent[]> {
    const views = new Map<string, AppointmentEventView>();
    const missing: OutboxEvent[] = [];
    for (const event of events) {
      const view = this.codec.read(event.payload);
      if (view) views.set(event.id, view);
      else missing.push(event);
    }
    const current = await this.appointments.findEventViews([...new Set(missing.map(({ aggregateId }) => aggregateId))]);
    for (const { id, aggregateId } of missing) {
      const view = current.get(aggregateId);
      if (view) views.set(id, view);
    }
    return events.flatMap((event) => {
      const view = views.get(event.id);
      return view ? [{ event, view }] : [];
    });
  }
}
