import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { assertVersion, assignDefined } from '../../core/changes/versioned-update.js';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import { Clock } from '../../core/kernel/clock.js';
import { DomainError, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import type { Faq } from './faq.entity.js';
import type { ChangeFaq, CreateFaq, FaqsQuery, FaqView } from './faqs.dto.js';
import { FaqsRepository } from './faqs.repository.js';
import { FaqMatcher } from './matching/faq-matcher.js';

/** Frequently asked questions of clinics: lists, changes and finds them. */
@Injectable()
export class FaqsService {
  constructor(
    private readonly db: Database,
    private readonly faqs: FaqsRepository,
    private readonly matcher: FaqMatcher,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  list(query: FaqsQuery): Promise<Page<FaqView>> {
    return this.faqs.list(query);
  }

  async get(id: string): Promise<FaqView> {
    const faq = await this.faqs.find(id);
    if (!faq) throw notFound();
    return faq;
  }

  /** The FAQ that answers a text; null if none is similar enough. */
  findAnswer(locale: string, text: string): Promise<FaqView | null> {
    return this.matcher.find(locale, text);
  }

  async create({ topic, ...fields }: CreateFaq): Promise<FaqView> {
    return this.db.transaction(async () => {
      const id = newId();
      const faq = { ...fields, id, topic: topic ?? id, category: fields.category ?? null };
      await this.assertFree(faq.topic, faq.locale, id);
      await this.faqs.insert({ ...faq, position: fields.position ?? 0 });
      const after = await this.get(id);
      await this.changes.record({ action: 'faq.created', objectType: 'faq', objectId: id, after });
      return after;
    });
  }

  async change(id: string, fields: ChangeFaq, version: number | null): Promise<FaqView> {
    return this.changes.versionedUpdate({
      objectType: 'faq',
      id,
      version,
      lock: async () => {
        const row = await this.lock(id);
        return { row, before: { ...row } };
      },
      change: async (faq) => {
        assignDefined(faq, fields);
        await this.assertFree(faq.topic, faq.locale, id);
        faq.version += 1;
        faq.updatedAt = new Date(this.clock.now());
        await this.faqs.save(faq);
      },
      read: () => this.get(id),
    });
  }

  async remove(id: string, version: number | null): Promise<null> {
    return this.db.transaction(async () => {
      const before = await this.lock(id);
      assertVersion(version, before);
      await this.faqs.remove(id);
      await this.changes.record({ action: 'faq.deleted', objectType: 'faq', objectId: id, before });
      return null;
    });
  }

  private async lock(id: string): Promise<Faq> {
    const faq = await this.faqs.lock(id);
    if (!faq) throw notFound();
    return faq;
  }

  private async assertFree(topic: string, locale: string, except: string): Promise<void> {
    if (await this.faqs.isTaken(topic, locale, except)) {
      throw new DomainError('ALREADY_EXISTS', 'This topic already has an FAQ in this language.');
    }
  }
}
