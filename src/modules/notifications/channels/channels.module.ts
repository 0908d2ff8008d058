import { Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { Config } from '../../../core/config/config.js';
import { Clock } from '../../../core/kernel/clock.js';
import { LOGGER } from '../../../core/logging/logger.js';
import { ProviderClient } from '../../../core/resilience/provider-client.js';
import { DevMailbox } from '../dev-mailbox/dev-mailbox.js';
import { DevMailboxModule } from '../dev-mailbox/dev-mailbox.module.js';
import { CHANNEL_LIMITS, type Channel, type ChannelName } from './channel.js';
import { EmailChannel } from './email.channel.js';
import { DevMailboxChannel, UnconfiguredChannel } from './unconfigured.channels.js';
import { PushChannel } from './push.channel.js';
import { SmsChannel } from './sms.channel.js';

/** The injection token of the channels that need a provider (`Channel[]`): e-mail, SMS, push. */
export const PROVIDER_CHANNELS = Symbol('PROVIDER_CHANNELS');

/** The environment variables that a channel needs. */
const REQUIRED_SETTINGS: Record<ChannelName, string[]> = {
  IN_APP: [],
  EMAIL: ['SMTP_URL'],
  SMS: ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM'],
  PUSH: ['FCM_SERVICE_ACCOUNT'],
};

interface Dependencies {
  config: Config;
  clock: Clock;
  logger: Logger;
  mailbox: DevMailbox;
}

export const createChannels = (dependencies: Dependencies): Channel[] => [
  createEmailChannel(dependencies) ?? createUnconfiguredChannel('EMAIL', dependencies),
  createSmsChannel(dependencies) ?? createUnconfiguredChannel('SMS', dependencies),
  createPushChannel(dependencies) ?? createUnconfiguredChannel('PUSH', dependencies),
];

function createEmailChannel({ config, logger }: Dependencies): Channel | null {
  const { SMTP_URL: url, MAIL_FROM: from, SMTP_REQUIRE_TLS: requireTls, SMTP_CONNECTIONS: connections } = config;
  if (!url) return null;
  const provider = new ProviderClient({ name: 'EMAIL', url, logger, ...CHANNEL_LIMITS, maxConcurrent: connections });
  return new EmailChannel({ url, from, requireTls, connections }, provider);
}

function createSmsChannel({ config, logger, clock }: Dependencies): Channel | null {
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_FROM: from } = config;
  if (!accountSid || !authToken || !from) return null;
  const options = { accountSid, authToken, from, apiUrl: config.TWILIO_API_URL };
  return new SmsChannel(
    options,
    new ProviderClient({ name: 'SMS', url: config.TWILIO_API_URL, logger, ...CHANNEL_LIMITS }),
    clock,
  );
}

function createPushChannel({ config, logger, clock }: Dependencies): Channel | null {
  const { FCM_SERVICE_ACCOUNT: account, FCM_API_URL: apiUrl } = config;
  if (!account) return null;
  return new PushChannel(
    { account, apiUrl },
    new ProviderClient({ name: 'PUSH', url: apiUrl, logger, ...CHANNEL_LIMITS }),
    clock,
  );
}

const createUnconfiguredChannel = (name: ChannelName, { config, mailbox }: Dependencies): Channel =>
  config.NODE_ENV === 'production' ? new UnconfiguredChannel(name) : new DevMailboxChannel(name, mailbox);

@Module({
  imports: [DevMailboxModule],
  providers: [
    {
      provide: PROVIDER_CHANNELS,
      inject: [Config, Clock, LOGGER, DevMailbox],
      useFactory: (config: Config, clock: Clock, logger: Logger, mailbox: DevMailbox) =>
        createChannels({ config, clock, logger, mailbox }),
    },
  ],
  exports: [PROVIDER_CHANNELS],
})
export class ChannelsModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(PROVIDER_CHANNELS) private readonly channels: Channel[],
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    for (const channel of this.channels) {
      if (!(channel instanceof UnconfiguredChannel)) continue;
      const missing = REQUIRED_SETTINGS[channel.name];
      this.logger.warn(
        { channel: channel.name, missing },
        `channel ${channel.name} is off: ${missing.join(', ')} not set; its messages fail with CHANNEL_NOT_CONFIGURED`,
      );
    }
  }

  onApplicationShutdown(): void {
    for (const channel of this.channels) channel.close();
  }
}
