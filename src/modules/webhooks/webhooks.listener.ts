import { Injectable, type OnModuleInit } from '@nestjs/common';
import { MaintenanceScheduler } from '../../core/jobs/maintenance-scheduler.js';
import { newId } from '../../core/kernel/id.js';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import type { OutboxEvent, PublishedEvent } from '../../core/outbox/outbox-event.js';
import { clinicRooms } from '../../core/realtime/rooms.js';
import { APPOINTMENT_EVENTS, AppointmentEventReader } from '../appointments/index.js';
import { WebhookDeliveriesRepository, type NewDelivery, type Subscriber } from './webhook-deliveries.repository.js';
import { WebhookDeliveriesService } from './webhook-deliveries.service.js';
import { isWebhookEvent, toWebhookData, type WebhookEvent } from './webhook-events.js';

const KEEP_DAYS = 30;
const DELETE_EVERY_SECONDS = 3_600;

/** An event of a clinic, as webhooks send it. */
interface ClinicEvent {
  clinicId: string;
  eventId: string;
  event: WebhookEvent;
  data: object;
  occurredAt: Date;
}

/**
 * Creates the deliveries of committed events: of every message that the dashboards of a clinic get, once for each endpoint that chose it.
 * Runs in the transaction that marks the events as handled. Old deliveries are deleted.
 */
@Injectable()
export class WebhooksListener implements OnModuleInit {
  constructor(
    private readonly consumers: OutboxConsumers,
    private readonly appointments: AppointmentEventReader,
    private readonly repository: WebhookDeliveriesRepository,
    private readonly deliveries: WebhookDeliveriesService,
    private readonly maintenance: MaintenanceScheduler,
  ) {}

  onModuleInit(): void {
    this.consumers.onMessages((published) => this.createDeliveries(published));
    this.maintenance.register({
      name: 'delete-old-webhook-deliveries',
      everySeconds: DELETE_EVERY_SECONDS,
      run: () => this.repository.deleteOlderThan(KEEP_DAYS),
    });
  }

  private async createDeliveries(published: readonly PublishedEvent[]): Promise<void> {
    const clinicIds = new Set(published.flatMap(({ event }) => event.clinicId ?? []));
    if (clinicIds.size === 0) return;
    const subscribers = await this.repository.findSubscribers([...clinicIds]);
    if (subscribers.length === 0) return;
    const created = (await this.toClinicEvents(published)).flatMap((event) =>
      subscribers.filter((one) => isSubscribed(one, event)).map(({ id }) => toDelivery(id, event)),
    );
    if (created.length === 0) return;
    await this.repository.insert(created);
    this.deliveries.enqueue([...new Set(created.map(({ endpoint_id }) => endpoint_id))]);
  }

  private async toClinicEvents(published: readonly PublishedEvent[]): Promise<ClinicEvent[]> {
    const appointments = await this.readAppointments(published.map(({ event }) => event));
    return published.flatMap(({ event: { id, clinicId }, messages }) =>
      messages.flatMap(({ event, rooms, data, eventId, occurredAt }) => {
        if (clinicId === null || !isWebhookEvent(event) || !rooms.includes(clinicRooms(clinicId)[0] ?? '')) return [];
        // The message of a cancellation has only the id.
        const source = event.startsWith('appointment:') ? (appointments.get(id) ?? {}) : (data as object);
        return [{ clinicId, eventId, event, occurredAt, data: toWebhookData(event, { clinicId, ...source }) }];
      }),
    );
  }

  /** The appointments of events, by the id of the event's outbox row. */
  private async readAppointments(events: OutboxEvent[]): Promise<Map<string, object>> {
    const read = await this.appointments.read(events.filter(({ name }) => APPOINTMENT_EVENTS.includes(name)));
    return new Map(read.map(({ event, view }) => [event.id, view.view]));
  }
}

const isSubscribed = (subscriber: Subscriber, { clinicId, event }: ClinicEvent): boolean =>
  (subscriber.clinicId === null || subscriber.clinicId === clinicId) && subscriber.events.includes(event);

const toDelivery = (endpointId: string, { eventId, event, data, occurredAt }: ClinicEvent): NewDelivery => ({
  id: newId(),
  endpoint_id: endpointId,
  event_id: eventId,
  event,
  payload: data,
  occurred_at: occurredAt,
});
