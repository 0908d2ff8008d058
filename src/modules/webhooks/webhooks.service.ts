import { Injectable } from '@nestjs/common';
import type { Change } from '../../core/changes/change.js';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { storeAnswer } from '../../core/http/idempotency-keys.js';
import type { Page } from '../../core/http/page.js';
import { assertManages, manages, type Actor } from '../../core/kernel/actor.js';
import { invalid, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { UserClinicsService } from '../users/index.js';
import type { WebhookEndpoint } from './webhook-endpoint.entity.js';
import { WebhookSecrets } from './webhook-secrets.js';
import type { CreatedWebhookView, CreateWebhook, WebhooksQuery, WebhookView } from './webhooks.dto.js';
import { WebhooksRepository } from './webhooks.repository.js';

type WebhookChange = Pick<Change, 'after' | 'changes'>;

/** Creates, lists and deletes the endpoints of other systems, and rotates their secrets. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly db: Database,
    private readonly webhooks: WebhooksRepository,
    private readonly secrets: WebhookSecrets,
    private readonly clinics: UserClinicsService,
    private readonly changes: ChangeLog,
  ) {}

  list(actor: Actor, query: WebhooksQuery): Promise<Page<WebhookView>> {
    return this.webhooks.list(actor, query);
  }

  /** @throws DomainError NOT_FOUND */
  async get(actor: Actor, id: string): Promise<WebhookView> {
    const webhook = await this.webhooks.find(id);
    if (!webhook || !maySee(actor, webhook)) throw notFound();
    return webhook;
  }

  /** Locks an endpoint until the transaction ends. @throws DomainError NOT_FOUND */
  async lock(actor: Actor, id: string): Promise<WebhookEndpoint> {
    const webhook = await this.webhooks.lock(id);
    if (!webhook || !maySee(actor, webhook)) throw notFound();
    return webhook;
  }

  /**
   * Creates an endpoint, whose URL the caller has checked. The response that is stored for a repeated request does not contain the
   * secret.
   * @throws DomainError VALIDATION_ERROR, FORBIDDEN, ALREADY_EXISTS
   */
  async create(actor: Actor, { url, events, clinicId: chosen }: CreateWebhook): Promise<CreatedWebhookView> {
    const clinicId = getClinicId(actor, chosen);
    const id = newId();
    const { secret, encrypted } = this.secrets.create(id);
    return this.db.transaction(async () => {
      if (clinicId !== null) await this.clinics.assertClinics([clinicId], 'clinicId');
      const createdBy = actor.userId;
      await this.webhooks.insert({ id, url: new URL(url).href, events, clinicId, createdBy, secret: encrypted });
      const after = await this.get(actor, id);
      await this.record('created', after, { after, changes: { events } });
      return this.answerOnce(after, secret);
    });
  }

  /** Creates a new secret. The replaced one also signs for a day, so that the receiver can be changed meanwhile. */
  async rotateSecret(actor: Actor, id: string): Promise<CreatedWebhookView> {
    return this.db.transaction(async () => {
      const webhook = await this.lock(actor, id);
      const secret = this.secrets.rotate(webhook);
      await this.webhooks.replaceSecret(webhook);
      const after = await this.get(actor, id);
      await this.record('secret-rotated', after, {});
      return this.answerOnce(after, secret);
    });
  }

  /** Deletes an endpoint with its deliveries: those that wait are not sent. */
  async remove(actor: Actor, id: string): Promise<null> {
    return this.db.transaction(async () => {
      const webhook = await this.lock(actor, id);
      await this.webhooks.delete(id);
      await this.record('deleted', webhook, {});
      return null;
    });
  }

  private async answerOnce(view: WebhookView, secret: string): Promise<CreatedWebhookView> {
    await storeAnswer(this.db, { ...view, secret: null });
    return { ...view, secret };
  }

  private async record(
    action: string,
    { id, clinicId }: Pick<WebhookView, 'id' | 'clinicId'>,
    change: WebhookChange,
  ): Promise<void> {
    const about = { objectType: 'webhook', objectId: id, clinicId, event: null };
    await this.changes.record({ action: `webhook.${action}`, ...about, ...change });
  }
}

/** An endpoint belongs to its clinic, whoever made it; one of all clinics to the administrators. */
const maySee = (actor: Actor, { clinicId }: Pick<WebhookView, 'clinicId'>): boolean =>
  clinicId === null ? actor.role === 'ADMIN' : manages(actor, clinicId);

/** The clinic of a new endpoint; null for all clinics. @throws DomainError VALIDATION_ERROR, FORBIDDEN */
function getClinicId(actor: Actor, chosen: string | undefined): string | null {
  if (chosen !== undefined) {
    assertManages(actor, chosen);
    return chosen.toLowerCase();
  }
  if (actor.role === 'ADMIN') return null;
  const [only, another] = actor.clinicIds;
  if (only === undefined || another !== undefined)
    throw invalid({ field: 'clinicId', error: 'must be one of your clinics' });
  return only;
}
