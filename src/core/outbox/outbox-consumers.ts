import { Injectable } from '@nestjs/common';
import type { OutboxEvent, PlacedMessage, SocketMessage } from './outbox-event.js';

export type EffectHandler = (event: OutboxEvent) => Promise<void>;
export type Publisher = (events: OutboxEvent[]) => Promise<SocketMessage[]>;
export type Delivery = (messages: PlacedMessage[]) => Promise<void>;

/** Who wants to hear of which events. Features say so in onModuleInit; the relay asks. */
@Injectable()
export class OutboxConsumers {
  private readonly effects = new Map<string, EffectHandler[]>();
  private readonly publishers = new Map<string, Publisher[]>();
  /** Hands messages to sockets; set by core/realtime. */
  deliver: Delivery = () => Promise.resolve();

  /**
   * An effect in PostgreSQL. It runs in the transaction that marks the row as handled, so exactly once together with it.
   * It must call no network and no queue, and takes at most five seconds.
   */
  onEvent(names: readonly string[], handler: EffectHandler): void {
    for (const name of names) this.effects.set(name, [...this.effectsOf(name), handler]);
  }

  /** Turns rows into socket messages, a whole batch with a query or two. Called again for the same rows by `sync`. */
  publishes(names: readonly string[], publisher: Publisher): void {
    for (const name of names) this.publishers.set(name, [...(this.publishers.get(name) ?? []), publisher]);
  }

  /** The rows of which sockets hear. */
  get publishedNames(): string[] {
    return [...this.publishers.keys()];
  }

  effectsOf(name: string): readonly EffectHandler[] {
    return this.effects.get(name) ?? [];
  }

  /** The messages of rows, by the row's id, in the order their publishers gave them. */
  async messagesOf(events: OutboxEvent[]): Promise<Map<string, SocketMessage[]>> {
    const perPublisher = new Map<Publisher, OutboxEvent[]>();
    for (const event of events) {
      for (const publisher of this.publishers.get(event.name) ?? []) {
        perPublisher.set(publisher, [...(perPublisher.get(publisher) ?? []), event]);
      }
    }
    const byRow = new Map<string, SocketMessage[]>();
    for (const [publisher, wanted] of perPublisher) {
      for (const message of await publisher(wanted)) {
        const row = message.rowId ?? message.eventId;
        byRow.set(row, [...(byRow.get(row) ?? []), message]);
      }
    }
    return byRow;
  }
}
