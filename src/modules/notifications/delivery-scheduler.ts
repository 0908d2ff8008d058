import { Inject, Injectable } from '@nestjs/common';
import { performance } from 'node:perf_hooks';
import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isUnavailable } from '../../core/kernel/domain-error.js';
import { LOGGER } from '../../core/logging/logger.js';
import { AppointmentDetailsRepository } from '../appointments/index.js';
import { ChannelDispatcher } from './channel-dispatcher.js';
import type { ChannelName } from './channels/channel.js';
import { deliverability, retryOrFail } from './deliverability.js';
import { DeliveriesRepository, type Delivery, type DeliveryResult } from './deliveries.repository.js';
import { AppointmentCache, DeliveryLease } from './delivery-batch.js';
import { DeliveryResultWriter } from './delivery-result-writer.js';
import { RenderingError } from './message-renderer.js';

const BATCH_SIZE: Record<ChannelName, number> = { IN_APP: 100, EMAIL: 200, SMS: 100, PUSH: 100 };
/** After this time no delivery of a batch is started, so that other processes can claim what a slow provider has delayed. */
const MAX_BATCH_MILLISECONDS = 15_000;
/** Rendering is synchronous. Without pauses, other channels would wait until a whole batch is rendered. */
const RENDERS_WITHOUT_PAUSE = 10;
const POSTPONED = { state: 'POSTPONED' } as const;
const UNAVAILABLE_SECONDS = 1;

/** Sends the deliveries that are due, each channel separately, so that a slow provider delays no other channel. */
@Injectable()
export class DeliveryScheduler {
  constructor(
    private readonly deliveries: DeliveriesRepository,
    private readonly appointments: AppointmentDetailsRepository,
    private readonly dispatcher: ChannelDispatcher,
    private readonly results: DeliveryResultWriter,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  findDueChannels(): Promise<ChannelName[]> {
    return this.deliveries.findDueChannels();
  }

  /**
   * Sends batches until nothing is due in this channel, or its provider is unavailable.
   * @param onBatch called after each batch with the number of deliveries handled so far
   */
  async deliver(channel: ChannelName, stopping?: AbortSignal, onBatch?: (handled: number) => void): Promise<void> {
    let handled = 0;
    while (!stopping?.aborted && this.dispatcher.isReady(channel)) {
      const claimedAt = performance.now();
      const batch = await this.deliveries.claim(channel, BATCH_SIZE[channel]);
      if (batch.length === 0) return;
      await this.deliverBatch(channel, batch, new DeliveryLease(this.deliveries, batch, claimedAt), stopping);
      onBatch?.((handled += batch.length));
    }
  }

  /**
   * Sends a claimed batch, a few deliveries at the same time, in the order in which they became due. A delivery is postponed,
   * which uses no attempt, if it cannot be started before the deadline, the provider is unavailable, or the process ends.
   */
  private async deliverBatch(
    channel: ChannelName,
    batch: Delivery[],
    lease: DeliveryLease,
    stopping?: AbortSignal,
  ): Promise<void> {
    const deadline = performance.now() + MAX_BATCH_MILLISECONDS;
    const appointments = new AppointmentCache(this.appointments, batch);
    const results = this.results.forBatch((delivery) => lease.release(delivery));
    // All workers take their deliveries from this one iterator.
    const remaining = batch.entries();
    const worker = async (): Promise<void> => {
      for (const [index, delivery] of remaining) {
        if ((index + 1) % RENDERS_WITHOUT_PAUSE === 0) await yieldToEventLoop();
        const isInTime = !stopping?.aborted && performance.now() < deadline;
        const mayStart = isInTime && lease.holds(delivery) && this.dispatcher.isReady(channel);
        results.add(delivery, mayStart ? await this.deliverOne(delivery, appointments) : POSTPONED);
      }
    };
    const workers = Array.from({ length: this.dispatcher.concurrency(channel) }, worker);
    try {
      await Promise.all(workers);
      await results.flush();
    } finally {
      lease.end();
    }
  }

  /** Never throws: an unexpected error fails this delivery and no other one. */
  private async deliverOne(delivery: Delivery, appointments: AppointmentCache): Promise<DeliveryResult> {
    try {
      const appointment = await appointments.get(delivery);
      return deliverability(delivery, appointment) ?? (await this.dispatcher.dispatch(delivery, appointment));
    } catch (error) {
      // The provider was not asked: an outage of the database must not use up the attempts.
      if (isUnavailable(error)) return { ...POSTPONED, retryAfterSeconds: UNAVAILABLE_SECONDS };
      this.logger.error({ err: error, notificationId: delivery.id }, 'a message could not be delivered');
      // A retry cannot succeed. Operators must correct the cause, and can then replay the delivery.
      if (error instanceof RenderingError) return { state: 'FAILED', reason: 'NOT_RENDERED' };
      return retryOrFail(delivery.attempts, 'INTERNAL');
    }
  }
}
