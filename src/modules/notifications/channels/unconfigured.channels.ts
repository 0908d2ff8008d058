import type { DevMailbox } from '../dev-mailbox/dev-mailbox.js';
import { Channel, type ChannelName, type OutgoingMessage, type SendOutcome } from './channel.js';

/** A channel without a provider, outside of production: its messages go to the mailbox at /dev/mail. */
export class DevMailboxChannel extends Channel {
  constructor(
    readonly name: ChannelName,
    private readonly mailbox: DevMailbox,
  ) {
    super();
  }

  async send(message: OutgoingMessage): Promise<SendOutcome> {
    try {
      return { kind: 'SENT', providerId: await this.mailbox.put(this.name, message) };
    } catch {
      return { kind: 'RETRY', reason: 'DEV_MAILBOX' };
    }
  }
}

/** A channel without a provider, in production: its messages fail. */
export class UnconfiguredChannel extends Channel {
  constructor(readonly name: ChannelName) {
    super();
  }

  send(): Promise<SendOutcome> {
    return Promise.resolve({ kind: 'REJECTED', reason: 'CHANNEL_NOT_CONFIGURED' });
  }
}
