import { Injectable } from '@nestjs/common';
import { languageTag } from '../../../core/kernel/locale.js';
import { ChangeFaq, CreateFaq, FaqsService } from '../../faqs/index.js';
import type { LegacyFaq } from '../legacy-data.js';
import { Importers, toRequest, type Imported, type Importer } from './importer.js';

const MAX_POSITION = 100_000;

@Injectable()
export class FaqsImporter implements Importer<'faq'> {
  constructor(
    importers: Importers,
    private readonly faqs: FaqsService,
  ) {
    importers.register('faq', this);
  }

  async create(item: LegacyFaq): Promise<Imported> {
    return this.faqs.create(await toRequest(CreateFaq, toFields(item)));
  }

  async update(item: LegacyFaq, id: string): Promise<Imported> {
    await this.faqs.change(id, await toRequest(ChangeFaq, toFields(item)), null);
    return { id };
  }
}

const toFields = ({ question, answer, category, position, locale }: LegacyFaq): object => ({
  locale: (locale ? languageTag(locale) : null) ?? detectLocale(question),
  question,
  answer,
  category,
  position: Math.min(Math.max(Math.round(position ?? 0), 0), MAX_POSITION),
});

/** The language of a text without one, by its script. */
const detectLocale = (text: string): string =>
  /\p{Script=Arabic}/u.test(text) ? 'ar' : /\p{Script=Devanagari}/u.test(text) ? 'hi' : 'en';
