import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { ReplicaReads } from '../../core/database/replica-reads.js';
import { byCreation, keyset, readPage, type Page, toPage, type BindValue } from '../../core/http/page.js';
import { getAccountId, type Actor, type Role } from '../../core/kernel/actor.js';
import { ADDRESS_REASON_PATTERN } from './channels/address-reasons.js';
import type { AccountMessageKind } from '../account-links/index.js';
import { DEFAULT_CHANNELS } from './deliverability.js';
import { HAS_ADDRESS, joinChannels, joinRecipients } from './recipients.sql.js';
import { isFirstMessage } from './message-keys.js';
import { Notification } from './notification.entity.js';
import { NotificationTexts } from './notification-texts.js';
import type {
  InboxQuery,
  LogQuery,
  NotificationLogView,
  NotificationView,
  SendNotification,
} from './notifications.dto.js';

/** A message about an account. It has the id of its account link. */
export interface AccountMessage {
  id: string;
  userId: string;
  kind: AccountMessageKind;
  /** The clinic that the message names, if any. */
  clinicId?: string | null;
  channel: 'EMAIL' | 'SMS';
}

/** The user to whom a link was sent. */
export interface LinkUser {
  userId: string;
  role: Role;
  clientId: string | null;
  locale: string;
  timeZone: string;
}

/** An inbox entry as it is read, with encrypted text. */
type InboxRow = Omit<NotificationView, 'title' | 'body'> & { title: Buffer | null; body: Buffer | null };

/** `createdAt` of the inbox is when the message appeared in it; that of the log, when the row was created. */
const INBOX_COLUMNS = `
  n.id, n.kind, n.title, n.body, n.appointment_id AS "appointmentId", n.clinic_id AS "clinicId",
  n.sent_at AS "createdAt", n.read_at AS "readAt"`;

const LOG_COLUMNS = `
  n.id, n.user_id AS "userId", n.clinic_id AS "clinicId", n.appointment_id AS "appointmentId", n.kind, n.channel,
  n.state AS status, n.reason, n.offset_minutes AS "offsetMinutes", n.attempts, n.provider_id AS "providerId",
  n.due_at AS "dueAt", n.sent_at AS "sentAt", n.created_at AS "createdAt"`;

const SORTS = { newest: byCreation('n.id') } as const;

/** Hand-written SQL: lists continue after a cursor, and deliveries are inserted by a query on the patients. */
@Injectable()
export class NotificationsRepository {
  constructor(
    private readonly db: Database,
    private readonly texts: NotificationTexts,
    private readonly reads: ReplicaReads,
  ) {}

  async inbox(userId: string, query: InboxQuery): Promise<Page<NotificationView>> {
    const page = keyset({ sort: '-newest', columns: SORTS, idColumn: 'n.id', cursor: query.cursor });
    const where = `n.user_id = $1::uuid AND n.channel = 'IN_APP' AND n.state = 'SENT'
      ${query.unread === undefined ? '' : `AND n.read_at IS ${query.unread ? '' : 'NOT'} NULL`}`;
    const rows = await this.db.rows<InboxRow>(
      `SELECT ${INBOX_COLUMNS} FROM notification n WHERE ${where} ${page.where(3)} ${page.orderBy} LIMIT $2`,
      [userId, query.limit + 1, ...page.values],
    );
    const total = query.withTotal ? await this.count(where, [userId]) : undefined;
    return toPage(rows, query.limit, page, total).map((row) => this.texts.readInboxText(row));
  }

  /** Returns new inbox entries with their users, for the sockets. */
  async inboxEntries(ids: string[]): Promise<(NotificationView & { userId: string })[]> {
    const rows = await this.db.rows<InboxRow & { userId: string }>(
      `SELECT ${INBOX_COLUMNS}, n.user_id AS "userId" FROM notification n WHERE n.id = ANY ($1::uuid[])`,
      [ids],
    );
    return rows.map((row) => this.texts.readInboxText(row));
  }

  /** An entry that was read before keeps the time of the first reading. */
  async markRead(userId: string, id: string): Promise<NotificationView | null> {
    const row = await this.db.row<InboxRow>(
      `UPDATE notification n SET read_at = coalesce(n.read_at, now())
       WHERE n.id = $1::uuid AND n.user_id = $2::uuid AND n.channel = 'IN_APP' AND n.state = 'SENT'
       RETURNING ${INBOX_COLUMNS}`,
      [id, userId],
    );
    return row && this.texts.readInboxText(row);
  }

  log(actor: Actor, query: LogQuery): Promise<Page<NotificationLogView>> {
    return readPage<NotificationLogView>(
      this.reads,
      { ...query, sort: '-newest' },
      {
        ...{ select: LOG_COLUMNS, from: 'notification n', columns: SORTS, idColumn: 'n.id' },
        where: (bind) => [visibleTo(actor, bind), ...toConditions(query, bind)],
      },
    );
  }

  /** The patients among these users. */
  async findClientIds(userIds: readonly string[]): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>('SELECT id FROM client WHERE user_id = ANY($1::uuid[])', [userIds]);
    return rows.map(({ id }) => id);
  }

  findLogged(actor: Actor, id: string): Promise<NotificationLogView | null> {
    const values: unknown[] = [id];
    const where = visibleTo(actor, (value) => `$${values.push(value)}`);
    return this.db.row(`SELECT ${LOG_COLUMNS} FROM notification n WHERE n.id = $1::uuid AND ${where}`, values);
  }

  /**
   * Makes a dead letter due at once, with all its attempts. Its reason is kept, because it shows that the delivery was attempted.
   * @returns false if the delivery is not a dead letter
   */
  async replay(id: string): Promise<boolean> {
    const now = (): string => 'now()';
    const { affected } = await this.db
      .repository(Notification)
      .update({ id, state: 'FAILED' }, { state: 'PENDING', attempts: 0, dueAt: now, nextAttemptAt: now });
    return affected === 1;
  }

  /** @returns null if the account was deleted */
  findLinkUser(userId: string): Promise<LinkUser | null> {
    return this.db.row<LinkUser>(
      `SELECT u.id AS "userId", u.role, c.id AS "clientId", u.locale, u.time_zone AS "timeZone"
       FROM user_account u LEFT JOIN client c ON c.user_id = u.id WHERE u.id = $1::uuid AND u.deleted_at IS NULL`,
      [userId],
    );
  }

  /** Returns those of the clients who are not patients of the clinic. */
  async findNonPatients(clinicId: string, clientIds: string[]): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(
      `SELECT client_id AS id FROM unnest($2::uuid[]) AS requested (client_id)
       WHERE NOT EXISTS (SELECT FROM clinic_patient p WHERE p.client_id = requested.client_id AND p.clinic_id = $1::uuid)`,
      [clinicId, clientIds],
    );
    return rows.map(({ id }) => id);
  }

  /** Creates a delivery for each client and channel with an address. @returns the ids of the deliveries */
  async insertDeliveries(actor: Actor, request: SendNotification): Promise<string[]> {
    const { clientIds, channels, clinicId, template, message } = request;
    const reachable = await this.db.rows<{ id: string; userId: string; channel: string }>(FIND_REACHABLE, [
      clientIds,
      [...new Set(['IN_APP', ...channels])],
    ]);
    const ids = reachable.map(({ id }) => id);
    await this.db.rows(INSERT_DELIVERIES, [
      ids,
      reachable.map(({ userId }) => userId),
      reachable.map(({ channel }) => channel),
      ids.map((id) => this.texts.encryptNote(id, message)),
      clinicId,
      template,
      getAccountId(actor),
    ]);
    return ids;
  }

  /** Creates a delivery for each channel that the recipient of an offer wants and has an address for, once. */
  async insertOfferMessages(
    recipients: readonly { offerId: string; clinicId: string; userId: string }[],
  ): Promise<void> {
    if (recipients.length === 0) return;
    await this.db.rows(INSERT_OFFER_MESSAGES, [JSON.stringify(recipients), JSON.stringify(DEFAULT_CHANNELS)]);
  }

  /** Creates the messages about refunds for the patients and their guardians, once. */
  async insertRefundMessages(refundIds: readonly string[]): Promise<void> {
    await this.db.rows(INSERT_REFUND_MESSAGES, [refundIds, JSON.stringify(DEFAULT_CHANNELS)]);
  }

  /** Creates the messages about daily reports for the managers of their clinics, once. Mails only to verified addresses. */
  async insertReportMessages(reportIds: readonly string[]): Promise<void> {
    await this.db.rows(INSERT_REPORT_MESSAGES, [reportIds, JSON.stringify(DEFAULT_CHANNELS)]);
  }

  /** Creates one delivery for each account link, however often it is called: the delivery has the id of the link. */
  async insertAccountMessages(messages: AccountMessage[]): Promise<void> {
    await this.db.rows(
      `INSERT INTO notification (id, user_id, clinic_id, kind, channel, due_at, next_attempt_at)
       SELECT m.id, m."userId", m."clinicId", m.kind, m.channel, now(), now()
       FROM json_to_recordset($1::json) AS m (id uuid, "userId" uuid, "clinicId" uuid, kind text, channel text)
       ON CONFLICT DO NOTHING`,
      [JSON.stringify(messages)],
    );
  }

  /**
   * Returns how late the latest delivery is, in seconds, and the number of dead letters: all of them, and those of the last hour
   * that did not fail because of their address. A late delivery that waits up to 45 seconds for its next attempt counts, because
   * its provider may be failing. One that waits longer does not: it was counted while its waits were shorter.
   */
  async measureLag(): Promise<{ seconds: number; failed: number; failedLastHour: number }> {
    const row = await this.db.row<{ seconds: number; failed: number; failedLastHour: number }>(
      `SELECT greatest(0, extract(epoch FROM now() - least(
                (SELECT min(due_at) FROM notification
                 WHERE state IN ('PENDING', 'SENDING') AND next_attempt_at <= now() + interval '45 seconds'),
                (SELECT min(due_at) FROM planned_notification))))::float8 AS seconds,
              dead.failed, dead.last_hour AS "failedLastHour"
       FROM (SELECT count(*)::int AS failed,
                    -- The next_attempt_at of a dead letter is the end of its last lease, within a minute of its failure.
                    count(*) FILTER (WHERE next_attempt_at > now() - interval '1 hour' AND reason !~ $1)::int AS last_hour
             FROM notification WHERE state = 'FAILED') dead`,
      [ADDRESS_REASON_PATTERN],
    );
    return row ?? { seconds: 0, failed: 0, failedLastHour: 0 };
  }

  private async count(where: string, values: unknown[]): Promise<number> {
    const row = await this.db.row<{ n: number }>(
      `SELECT count(*)::int AS n FROM notification n WHERE ${where}`,
      values,
    );
    return row?.n ?? 0;
  }
}

const visibleTo = (actor: Actor, bind: BindValue): string =>
  actor.role === 'ADMIN' ? 'true' : `n.clinic_id = ANY (${bind(actor.clinicIds)}::uuid[])`;

function toConditions(query: LogQuery, bind: BindValue): string[] {
  const conditions: string[] = [];
  if (query.status) conditions.push(`n.state = ${bind(query.status)}`);
  if (query.channel) conditions.push(`n.channel = ${bind(query.channel)}`);
  if (query.kind) conditions.push(`n.kind = ${bind(query.kind)}`);
  if (query.appointmentId) conditions.push(`n.appointment_id = ${bind(query.appointmentId)}::uuid`);
  if (query.clinicId) conditions.push(`n.clinic_id = ${bind(query.clinicId)}::uuid`);
  if (query.clientId) {
    conditions.push(`n.user_id = (SELECT user_id FROM client WHERE id = ${bind(query.clientId)}::uuid)`);
  }
  return conditions;
}

/** The users and channels that can be reached, each with the id of a new delivery. */
const FIND_REACHABLE = `
  SELECT uuid7() AS id, u.id AS "userId", channel
  FROM client cl JOIN user_account u ON u.id = cl.user_id AND u.deleted_at IS NULL, unnest($2::text[]) AS channel
  WHERE cl.id = ANY ($1::uuid[])
    AND ${HAS_ADDRESS}`;

const INSERT_DELIVERIES = `
  INSERT INTO notification (id, user_id, channel, note, clinic_id, kind, created_by, due_at, next_attempt_at)
  SELECT n.id, n.user_id, n.channel, n.note, $5::uuid, $6::text, $7::uuid, now(), now()
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[]) AS n (id, user_id, channel, note)`;

// The recipients and channels are chosen as for planned notifications.
const INSERT_REFUND_MESSAGES = `
  INSERT INTO notification (user_id, clinic_id, refund_id, kind, channel, due_at, next_attempt_at)
  SELECT u.id, refund.clinic_id, refund.id, 'PAYMENT_REFUNDED', channel, now(), now()
  FROM payment_refund refund JOIN payment paid ON paid.id = refund.payment_id AND refund.id = ANY ($1::uuid[])
  ${joinRecipients('paid.client_id', `'PAYMENT_REFUNDED'`, '$2')} AND ${isFirstMessage('refund_id', 'refund.id')}
  ON CONFLICT DO NOTHING`;

const INSERT_REPORT_MESSAGES = `
  INSERT INTO notification (user_id, clinic_id, report_id, kind, channel, due_at, next_attempt_at)
  SELECT u.id, r.clinic_id, r.id, 'DAILY_REPORT', channel, now(), now()
  FROM daily_report r JOIN user_clinic m ON m.clinic_id = r.clinic_id AND r.id = ANY ($1::uuid[])
  JOIN user_account u ON u.id = m.user_id AND u.role = 'MANAGER' AND u.deleted_at IS NULL
  ${joinChannels(`'DAILY_REPORT'`, '$2')} AND (channel <> 'EMAIL' OR u.email_verified_at IS NOT NULL)
    AND ${isFirstMessage('report_id', 'r.id')}
  ON CONFLICT DO NOTHING`;

const INSERT_OFFER_MESSAGES = `
  INSERT INTO notification (user_id, clinic_id, offer_id, kind, channel, due_at, next_attempt_at)
  SELECT u.id, r."clinicId", r."offerId", 'WAITLIST_OFFER', channel, now(), now()
  FROM json_to_recordset($1::json) AS r ("offerId" uuid, "clinicId" uuid, "userId" uuid)
  JOIN user_account u ON u.id = r."userId" AND u.deleted_at IS NULL
  ${joinChannels(`'WAITLIST_OFFER'`, '$2')} AND ${isFirstMessage('offer_id', 'r."offerId"')}
  ON CONFLICT DO NOTHING`;
