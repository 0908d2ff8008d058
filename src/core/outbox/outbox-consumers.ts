import { Injectable } from '@nestjs/common';
import type { OutboxEvent, MessageBatch, PublishedEvent, SocketMessage } from './outbox-event.js';

export type EffectHandler = (events: OutboxEvent[]) => Promise<void>;
export type Publisher = (events: OutboxEvent[]) => Promise<SocketMessage[]>;
export type MessageHandler = (published: PublishedEvent[]) => Promise<void>;
export type DeliveryListener = (batch: MessageBatch) => void;

/** Registry of event consumers. Features register in onModuleInit; the relay calls them. */
@Injectable()
export class OutboxConsumers {
  private readonly effects = new Map<string, EffectHandler[]>();
  private readonly publishers = new Map<string, Publisher[]>();
  private readonly messageHandlers: MessageHandler[] = [];
  private deliveryListener: DeliveryListener = () => undefined;

  /**
   * Registers an effect in PostgreSQL. It runs exactly once, in the transaction that marks the rows as handled. It gets a batch
   * in order and should use few statements; after a failure it gets the events one by one. It must not use the network or a
   * queue, and must end within five seconds.
   */
  onEvents(names: readonly string[], handler: EffectHandler): void {
    for (const name of names) this.effects.set(name, [...(this.effects.get(name) ?? []), handler]);
  }

  /** Registers a publisher that turns a batch of rows into socket messages. `sync` calls it again for the same rows. */
  publishes(names: readonly string[], publisher: Publisher): void {
    for (const name of names) this.publishers.set(name, [...(this.publishers.get(name) ?? []), publisher]);
  }

  /** Registers an effect like `onEvents`, for all events that are published to sockets, with their messages. */
  onMessages(handler: MessageHandler): void {
    this.messageHandlers.push(handler);
  }

  /** Calls the listener with each batch that this process publishes. There is one listener, which emits the messages to sockets. */
  onDelivery(listener: DeliveryListener): void {
    this.deliveryListener = listener;
  }

  deliver(batch: MessageBatch): void {
    this.deliveryListener(batch);
  }

  /** The names of the events that are published to sockets. */
  get publishedNames(): string[] {
    return [...this.publishers.keys()];
  }

  hasEffects(name: string): boolean {
    return this.effects.has(name) || (this.messageHandlers.length > 0 && this.publishers.has(name));
  }

  /** @param messages the socket messages of the events, by row id */
  async doEffects(events: OutboxEvent[], messages: ReadonlyMap<string, SocketMessage[]>): Promise<void> {
    for (const [handler, selected] of byConsumer(this.effects, events)) await handler(selected);
    const published = events.flatMap((event) => {
      const own = messages.get(event.id);
      return own ? [{ event, messages: own }] : [];
    });
    if (published.length === 0) return;
    for (const handler of this.messageHandlers) await handler(published);
  }

  /** The socket messages of rows, by row id, in the order of the publishers. */
  async toMessages(events: OutboxEvent[]): Promise<Map<string, SocketMessage[]>> {
    const byRow = new Map<string, SocketMessage[]>();
    for (const [publisher, selected] of byConsumer(this.publishers, events)) {
      for (const message of await publisher(selected)) {
        const row = message.rowId ?? message.eventId;
        byRow.set(row, [...(byRow.get(row) ?? []), message]);
      }
    }
    return byRow;
  }
}

/** Groups events by consumer and keeps their order. */
function byConsumer<T>(consumers: ReadonlyMap<string, T[]>, events: OutboxEvent[]): Map<T, OutboxEvent[]> {
  const selected = new Map<T, OutboxEvent[]>();
  for (const event of events) {
    for (const consumer of consumers.get(event.name) ?? []) {
      const own = selected.get(consumer);
      if (own) own.push(event);
      else selected.set(consumer, [event]);
    }
  }
  return selected;
}
