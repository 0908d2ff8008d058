import { Injectable } from '@nestjs/common';
import { registerConstraintErrors } from '../../core/database/constraint-errors.js';
import { Database } from '../../core/database/database.js';
import { byCreation, readPage, type Page } from '../../core/http/page.js';
import type { Actor } from '../../core/kernel/actor.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';
import type { WebhooksQuery, WebhookView } from './webhooks.dto.js';

const COLUMNS = `w.id, w.clinic_id AS "clinicId", w.url, w.events, w.paused_at IS NULL AS active, w.paused_at AS "pausedAt",
  w.paused_reason AS "pausedReason", CASE WHEN w.previous_secret_until > now() THEN w.previous_secret_until END AS "previousSecretUntil",
  w.created_at AS "createdAt", w.version`;

const SORTS = { createdAt: byCreation('w.id') } as const;

const urlTaken = (): DomainError =>
  new DomainError('ALREADY_EXISTS', 'There is already an endpoint with this URL. Change that one instead.');
registerConstraintErrors({ webhook_endpoint_clinic_url: urlTaken, webhook_endpoint_url: urlTaken });

/** Endpoints. Reads are hand-written SQL: views and lists share their columns, and lists continue after a cursor. */
@Injectable()
export class WebhooksRepository {
  constructor(private readonly db: Database) {}

  find(id: string): Promise<WebhookView | null> {
    return this.db.row<WebhookView>(`SELECT ${COLUMNS} FROM webhook_endpoint w WHERE w.id = $1`, [id]);
  }

  list(actor: Actor, query: WebhooksQuery): Promise<Page<WebhookView>> {
    return readPage<WebhookView>(this.db, query, {
      ...{ select: COLUMNS, from: 'webhook_endpoint w', columns: SORTS, idColumn: 'w.id' },
      where: (bind) => [
        ...(actor.role === 'ADMIN' ? [] : [`w.clinic_id = ANY (${bind(actor.clinicIds)}::uuid[])`]),
        ...(query.clinicId ? [`w.clinic_id = ${bind(query.clinicId)}::uuid`] : []),
      ],
    });
  }

  lock(id: string): Promise<WebhookEndpoint | null> {
    return this.endpoints.findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  async insert(endpoint: Partial<WebhookEndpoint> & { id: string }): Promise<void> {
    await this.endpoints.insert(endpoint);
  }

  async save({ id, ...columns }: WebhookEndpoint): Promise<void> {
    await this.endpoints.update({ id }, columns);
  }

  /** Saves a new secret with the replaced one, which signs for another 24 hours by the database's clock. */
  async replaceSecret({ id, secret, previousSecret }: WebhookEndpoint): Promise<void> {
    await this.endpoints.update(
      { id },
      {
        ...{ secret, previousSecret, previousSecretUntil: () => `now() + interval '24 hours'` },
        ...{ version: () => 'version + 1', updatedAt: () => 'now()' },
      },
    );
  }

  /** Deletes the endpoint with its deliveries. */
  async delete(id: string): Promise<void> {
    await this.endpoints.delete({ id });
  }

  /** The account that made the endpoint, if it is an administrator or manages its clinic, and the managers of its clinic. */
  async findManagers(id: string): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(
      `SELECT u.id FROM webhook_endpoint w JOIN user_account u ON u.deleted_at IS NULL
         AND (u.role = 'ADMIN' AND u.id = w.created_by OR u.role = 'MANAGER' AND EXISTS (
           SELECT FROM user_clinic x WHERE x.user_id = u.id AND x.clinic_id = w.clinic_id))
       WHERE w.id = $1 ORDER BY u.id`,
      [id],
    );
    return rows.map((row) => row.id);
  }

  private get endpoints() {
    return this.db.repository(WebhookEndpoint);
  }
}
