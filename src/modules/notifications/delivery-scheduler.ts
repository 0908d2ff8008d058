import { Inject, Injectable } from '@nestjs/common';
import { performance } from 'node:perf_hooks';
import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import type { Logger } from 'pino';
import { LOGGER } from '../../core/logging/logger.js';
import { AppointmentDetailsRepository } from '../appointments/index.js';
import { ChannelDispatcher } from './channel-dispatcher.js';
import type { ChannelName } from './channels/channel.js';
import { deliverability, retryOrFail } from './deliverability.js';
import { DeliveriesRepository, type Delivery, type DeliveryResult } from './deliveries.repository.js';
import { AppointmentCache, DeliveryLease } from './delivery-batch.js';
import { DeliveryResultWriter } from './delivery-result-writer.js';
import { RenderingFailed } from './message-renderer.js';

const BATCH_SIZE: Record<ChannelName, number> = { IN_APP: 100, EMAIL: 200, SMS: 100, PUSH: 100 };
/** A delivery is not started later than this after its batch was claimed, so that others can take what a slow provider leaves. */
const MAX_BATCH_MILLISECONDS = 15_000;
/** Rendering is synchronous: without a pause, the other channels would wait for a whole batch. */
const RENDERS_WITHOUT_PAUSE = 10;
const POSTPONED: DeliveryResult = { state: 'POSTPONED' };

/** Sends the deliveries that are due, channel by channel, so that a slow provider delays no other channel. */
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
   * Sends until nothing is due in this channel or its provider cannot take more for now.
   * @param onBatch called after each batch with the number of deliveries handled so far
   */
  async deliver(channel: ChannelName, stopping?: AbortSignal, onBatch?: (handled: number) => void): Promise<void> {
    let handled = 0;
    while (!stopping?.aborted && this.dispatcher.isReady(channel)) {
      const batch = await this.deliveries.claim(channel, BATCH_SIZE[channel]);
      if (batch.length === 0) return;
      await this.deliverBatch(channel, batch, stopping);
      onBatch?.((handled += batch.length));
    }
  }

  /**
   * Sends a claimed batch, a few messages at once, in the order in which they became due. What cannot be started in time,
   * because the provider is unavailable or because the process ends is postponed and costs no attempt.
   */
  private async deliverBatch(channel: ChannelName, batch: Delivery[], stopping?: AbortSignal): Promise<void> {
    const deadline = performance.now() + MAX_BATCH_MILLISECONDS;
    const appointments = new AppointmentCache(this.appointments, batch);
    const lease = new DeliveryLease(this.deliveries, batch);
    const results = this.results.forBatch();
    const waiting = batch.entries();
    const worker = async (): Promise<void> => {
      for (const [n, delivery] of waiting) {
        if (n % RENDERS_WITHOUT_PAUSE === RENDERS_WITHOUT_PAUSE - 1) await yieldToEventLoop();
        const inTime = !stopping?.aborted && performance.now() < deadline;
        const mayStart = inTime && lease.holds(delivery) && this.dispatcher.isReady(channel);
        results.add(delivery, mayStart ? await this.deliverOne(delivery, appointments) : POSTPONED);
        lease.release(delivery);
      }
    };
    const workers = Array.from({ length: this.dispatcher.concurrency(channel) }, worker);
    await Promise.all(workers).finally(() => lease.end());
    await results.flush();
  }

  /** Never throws: an unexpected error fails this delivery and no other one. */
  private async deliverOne(delivery: Delivery, appointments: AppointmentCache): Promise<DeliveryResult> {
    try {
      const appointment = await appointments.get(delivery);
      return deliverability(delivery, appointment) ?? (await this.dispatcher.dispatch(delivery, appointment));
    } catch (error) {
      this.logger.error({ err: error, notificationId: delivery.id }, 'a message could not be delivered');
      // A message that cannot be rendered never can: operators must look, and replay it.
      if (error instanceof RenderingFailed) return { state: 'FAILED', reason: 'NOT_RENDERED' };
      return retryOrFail(delivery.attempts, 'INTERNAL');
    }
  }
}
