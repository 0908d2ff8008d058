import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import { newId } from '../../../core/kernel/id.js';
import type { ChannelName, OutgoingMessage } from '../channels/channel.js';
import { DevMailboxMessage } from './dev-mailbox-message.entity.js';
import type { DevMailQuery, DevMailView } from './dev-mailbox.dto.js';

const MAX_KEPT = 1_000;
const MAX_LISTED = 200;

/** Keeps messages in PostgreSQL instead of sending them, so that the API shows what a worker sent. Not in production. */
@Injectable()
export class DevMailbox {
  constructor(private readonly db: Database) {}

  /** @returns the id of the kept message */
  async put(channel: ChannelName, message: OutgoingMessage): Promise<string> {
    const id = newId();
    const calendar = message.attachments?.find(({ contentType }) => contentType.startsWith('text/calendar'));
    await this.messages.insert({
      id,
      deliveryId: message.id,
      channel,
      recipient: message.to,
      subject: message.subject,
      body: message.text,
      html: message.html,
      calendar: calendar?.content.toString(),
      calendarMethod: message.calendarMethod,
      unsubscribeUrl: message.unsubscribeUrl,
      data: message.data,
      locale: message.locale,
    });
    await this.deleteOld();
    return id;
  }

  /** The newest first. */
  async list({ channel, to }: DevMailQuery): Promise<DevMailView[]> {
    const where = { ...(channel !== undefined && { channel }), ...(to !== undefined && { recipient: to }) };
    const messages = await this.messages.find({ where, order: { id: 'DESC' }, take: MAX_LISTED });
    return messages.map(toView);
  }

  async get(id: string): Promise<DevMailView | null> {
    const message = await this.messages.findOneBy({ id });
    return message && toView(message);
  }

  /** Hand-written SQL: TypeORM cannot delete by an order, or skip rows that another process is deleting. */
  private async deleteOld(): Promise<void> {
    await this.db.rows(
      `DELETE FROM dev_mailbox WHERE id IN
         (SELECT id FROM dev_mailbox ORDER BY id DESC OFFSET ${MAX_KEPT} FOR UPDATE SKIP LOCKED)`,
    );
  }

  private get messages() {
    return this.db.repository(DevMailboxMessage);
  }
}

const toView = ({ recipient, body, ...rest }: DevMailboxMessage): DevMailView => ({
  ...rest,
  to: recipient,
  text: body,
});
