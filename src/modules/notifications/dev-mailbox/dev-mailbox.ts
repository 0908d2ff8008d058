import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import { newId } from '../../../core/kernel/id.js';
import type { ChannelName, OutgoingMessage } from '../channels/channel.js';
import { DevMailboxMessage } from './dev-mailbox-message.entity.js';
import type { DevMailQuery, DevMailView } from './dev-mailbox.dto.js';

const KEPT = 1_000;
const SHOWN = 200;

const COLUMNS = `id, delivery_id AS "deliveryId", channel, recipient AS "to", subject, body AS text, html, calendar,
  calendar_method AS "calendarMethod", unsubscribe_url AS "unsubscribeUrl", data, locale, sent_at AS "sentAt"`;

/** Keeps messages in PostgreSQL instead of sending them, so that the API shows what a worker sent. Not in production. */
@Injectable()
export class DevMailbox {
  constructor(private readonly db: Database) {}

  /** @returns the id of the kept message */
  async put(channel: ChannelName, message: OutgoingMessage): Promise<string> {
    const id = newId();
    const calendar = message.attachments?.find(({ contentType }) => contentType.startsWith('text/calendar'));
    await this.db.repository(DevMailboxMessage).insert({
      id,
      deliveryId: message.id,
      channel,
      recipient: message.to,
      subject: message.subject,
      body: message.text,
      html: message.html,
      calendar: calendar?.content,
      calendarMethod: message.calendarMethod,
      unsubscribeUrl: message.unsubscribeUrl,
      data: message.data,
      locale: message.locale,
    });
    await this.forgetOld();
    return id;
  }

  /** The newest first. */
  list({ channel, to }: DevMailQuery = {}): Promise<DevMailView[]> {
    return this.db.rows<DevMailView>(
      `SELECT ${COLUMNS} FROM dev_mailbox
       WHERE ($1::text IS NULL OR channel = $1) AND ($2::text IS NULL OR recipient = $2)
       ORDER BY id DESC LIMIT ${SHOWN}`,
      [channel ?? null, to ?? null],
    );
  }

  get(id: string): Promise<DevMailView | null> {
    return this.db.row<DevMailView>(`SELECT ${COLUMNS} FROM dev_mailbox WHERE id = $1`, [id]);
  }

  private async forgetOld(): Promise<void> {
    await this.db.rows(
      `DELETE FROM dev_mailbox WHERE id IN
         (SELECT id FROM dev_mailbox ORDER BY id DESC OFFSET ${KEPT} FOR UPDATE SKIP LOCKED)`,
    );
  }
}
