import { Injectable } from '@nestjs/common';
import type { OutboxEvent, PlacedBatch, SocketMessage } from './outbox-event.js';

export type EffectHandler = (events: OutboxEvent[]) => Promise<void>;
export type Publisher = (events: OutboxEvent[]) => Promise<SocketMessage[]>;
export type Delivery = (batch: PlacedBatch) => void;

/** Who wants to hear of which events. Features say so in onModuleInit; the relay asks. */
@Injectable()
export class OutboxConsumers {
  private readonly effects = new Map<string, EffectHandler[]>();
  private readonly publishers = new Map<string, Publisher[]>();
  /** Hands messages to sockets; set by core/realtime. */
  deliver: Delivery = () => undefined;

  /**
   * An effect in PostgreSQL. It runs in the transaction that marks the rows as handled, so exactly once together with it.
   * It gets a whole batch, in order, and takes a few statements for it; where that fails, one event after the other. It
   * must call no network and no queue, and takes at most five seconds.
   */
  onEvents(names: readonly string[], handler: EffectHandler): void {
    for (const name of names) this.effects.set(name, [...(this.effects.get(name) ?? []), handler]);
  }

  /** Turns rows into socket messages, a whole batch with a query or two. Called again for the same rows by `sync`. */
  publishes(names: readonly string[], publisher: Publisher): void {
    for (const name of names) this.publishers.set(name, [...(this.publishers.get(name) ?? []), publisher]);
  }

  /** The rows of which sockets hear. */
  get publishedNames(): string[] {
    return [...this.publishers.keys()];
  }

  hasEffects(name: string): boolean {
    return this.effects.has(name);
  }

  async doEffects(events: OutboxEvent[]): Promise<void> {
    for (const [handler, wanted] of byConsumer(this.effects, events)) await handler(wanted);
  }

  /** The messages of rows, by the row's id, in the order their publishers gave them. */
  async messagesOf(events: OutboxEvent[]): Promise<Map<string, SocketMessage[]>> {
    const byRow = new Map<string, SocketMessage[]>();
    for (const [publisher, wanted] of byConsumer(this.publishers, events)) {
      for (const message of await publisher(wanted)) {
        const row = message.rowId ?? message.eventId;
        byRow.set(row, [...(byRow.get(row) ?? []), message]);
      }
    }
    return byRow;
  }
}

/** Who gets which of the events; the order of events stays. */
function byConsumer<T>(consumers: ReadonlyMap<string, T[]>, events: OutboxEvent[]): Map<T, OutboxEvent[]> {
  const wanted = new Map<T, OutboxEvent[]>();
  for (const event of events) {
    for (const consumer of consumers.get(event.name) ?? []) {
      const own = wanted.get(consumer);
      if (own) own.push(event);
      else wanted.set(consumer, [event]);
    }
  }
  return wanted;
}
