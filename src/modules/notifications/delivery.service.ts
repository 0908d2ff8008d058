import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Indicators } from '../../core/health/indicators.js';
import { Jobs } from '../../core/jobs/jobs.js';
import { BatchSender } from './batch-sender.js';
import { CHANNELS, type ChannelName } from './channels/channel.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import { InboxWriter } from './inbox-writer.js';
import { Outlets } from './outlets.js';
import { PlanningRepository } from './planning.repository.js';

const BATCH: Record<ChannelName, number> = { IN_APP: 100, EMAIL: 200, SMS: 100, PUSH: 100 };
const PLANS = 'PLANS';
const NEVER = new AbortController().signal;
/** Everything due happens within a minute of its time; past this, ops must look. */
const MOST_LAG_SECONDS = 60;

/** Sends what is due, channel by channel, so that a slow provider holds up nobody else. */
@Injectable()
export class DeliveryService implements OnModuleInit {
  constructor(
    private readonly deliveries: DeliveriesRepository,
    private readonly plans: PlanningRepository,
    private readonly inboxes: InboxWriter,
    private readonly sender: BatchSender,
    private readonly outlets: Outlets,
    private readonly jobs: Jobs,
    private readonly indicators: Indicators,
  ) {}

  onModuleInit(): void {
    this.jobs.register({
      name: 'deliveries',
      due: async () => [...((await this.plans.hasDue()) ? [PLANS] : []), ...(await this.deliveries.dueChannels())],
      run: (id, stopping) => (id === PLANS ? this.fanOut(stopping) : this.drain(id as ChannelName, stopping)),
      concurrency: CHANNELS.length + 1,
    });
    this.indicators.register({ name: 'notifications', read: () => this.health() });
  }

  private async health(): Promise<{ healthy: boolean; figures: Record<string, number> }> {
    const { seconds, failed, failedLastHour } = await this.deliveries.lag();
    return {
      healthy: seconds < MOST_LAG_SECONDS && failedLastHour === 0,
      figures: { lagSeconds: seconds, deadLetters: failed, failedLastHour },
    };
  }

  /** Makes messages of the plans that are due. */
  async fanOut(stopping = NEVER): Promise<void> {
    while (!stopping.aborted && (await this.plans.fanOut()) > 0) {
      for (const channel of CHANNELS) this.jobs.wake('deliveries', channel);
    }
  }

  /** Sends until nothing of this channel is due, or its provider is not to be asked for a while. */
  async drain(channel: ChannelName, stopping = NEVER): Promise<void> {
    while (!stopping.aborted && this.outlets.isReady(channel)) {
      const batch = await this.deliveries.claim(channel, BATCH[channel]);
      if (batch.length === 0) return;
      if (channel === 'IN_APP') await this.inboxes.put(batch);
      else await this.sender.send(channel, batch, stopping);
    }
  }
}
