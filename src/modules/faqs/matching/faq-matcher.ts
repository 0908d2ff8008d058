import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { FaqView } from '../faqs.dto.js';
import { FaqsRepository } from '../faqs.repository.js';
import { FaqIndex } from './faq-index.js';

const MAX_LOCALES = 20;

/** Finds the FAQ that answers a question. Keeps an index per locale until an FAQ changes. */
@Injectable()
export class FaqMatcher {
  private readonly indexes = new LRUCache<string, { revision: string; index: FaqIndex<FaqView> }>({ max: MAX_LOCALES });

  constructor(private readonly faqs: FaqsRepository) {}

  async find(locale: string, text: string): Promise<FaqView | null> {
    // Another process may have changed an FAQ. The revision is read first, so that an index is never older than its revision.
    const revision = await this.faqs.revision();
    const known = this.indexes.get(locale);
    if (known?.revision === revision) return known.index.find(text);
    const index = new FaqIndex(await this.faqs.findTranslations(locale));
    this.indexes.set(locale, { revision, index });
    return index.find(text);
  }
}
