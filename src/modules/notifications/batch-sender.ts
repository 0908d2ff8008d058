import { Inject, Injectable } from '@nestjs/common';
import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import { LOGGER } from '../../core/logging/logger.js';
import { AppointmentFacts } from '../appointments/index.js';
import { BatchLease } from './batch-lease.js';
import type { ChannelName } from './channels/channel.js';
import { DeliveriesRepository, type Delivery, type Ending } from './deliveries.repository.js';
import { FreshFacts } from './fresh-facts.js';
import { Marks } from './marks.js';
import { Outlets } from './outlets.js';
import { afterError, verdictOn } from './verdict.js';

/** No message of a batch is begun later than this after its claim: what a slow provider leaves over, others may take. */
const BEGIN_WITHIN_MILLISECONDS = 15_000;

/** Takes a claimed batch to its provider, a few messages at once, in the order in which they came due. */
@Injectable()
export class BatchSender {
  constructor(
    private readonly deliveries: DeliveriesRepository,
    private readonly appointments: AppointmentFacts,
    private readonly outlets: Outlets,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** What time, a provider in trouble or the end of the process leave over goes back untried. */
  async send(channel: ChannelName, batch: Delivery[], stopping: AbortSignal): Promise<void> {
    const latest = performance.now() + BEGIN_WITHIN_MILLISECONDS;
    const facts = new FreshFacts(this.appointments, batch);
    const marks = new Marks(this.deliveries, this.logger);
    const lease = new BatchLease(this.deliveries, batch);
    const waiting = batch.values();
    const worker = async (): Promise<void> => {
      for (const delivery of waiting) {
        const isTime = !stopping.aborted && performance.now() < latest;
        const mayBegin = isTime && lease.holds(delivery) && this.outlets.isReady(channel);
        marks.add(delivery, mayBegin ? await this.settle(delivery, facts) : { state: 'UNTRIED' });
        lease.release(delivery);
      }
    };
    await Promise.all(Array.from({ length: this.outlets.atOnce(channel) }, worker)).finally(() => lease.end());
    await marks.written();
  }

  /** One message that fails in a way nobody foresaw must not take the others with it. */
  private async settle(delivery: Delivery, facts: FreshFacts): Promise<Ending> {
    try {
      const appointment = await facts.of(delivery);
      return verdictOn(delivery, appointment) ?? (await this.outlets.send(delivery, appointment));
    } catch (error) {
      this.logger.error({ err: error, notificationId: delivery.id }, 'a message could not be handled');
      return afterError(delivery, error);
    }
  }
}
