import { Injectable } from '@nestjs/common';
import { Not } from 'typeorm';
import { Database } from '../../core/database/database.js';
import { prefixQuery } from '../../core/database/full-text.js';
import { keyset, limitClause, type Page, toPage } from '../../core/http/page.js';
import { Faq } from './faq.entity.js';
import type { FaqsQuery, FaqView } from './faqs.dto.js';
import { localeFallbacks } from './locale.js';

/** The maximum of FAQs in an index: more would take long to build. */
const MAX_INDEXED = 1_000;

const FAQ_COLUMNS = `
  f.id, f.topic, f.locale, f.question, f.answer, f.category, f.position, f.version, f.created_at AS "createdAt",
  f.updated_at AS "updatedAt"`;

/**
 * The SQL condition that `f` is the best translation of its topic.
 * @param locales the parameter with the reader's locales, best first
 */
const isBestTranslation = (locales: string): string => `
  f.locale = ANY (${locales}::text[]) AND NOT EXISTS (
    SELECT FROM faq other WHERE other.topic = f.topic
      AND array_position(${locales}::text[], other.locale) < array_position(${locales}::text[], f.locale))`;

@Injectable()
export class FaqsRepository {
  constructor(private readonly db: Database) {}

  find(id: string): Promise<Faq | null> {
    return this.faqs.findOneBy({ id });
  }

  lock(id: string): Promise<Faq | null> {
    return this.faqs.findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  /** @throws DomainError ALREADY_EXISTS if the topic already has this locale */
  async insert(faq: Omit<Faq, 'version' | 'createdAt' | 'updatedAt'>): Promise<void> {
    await this.faqs.insert(faq);
  }

  async save(faq: Faq): Promise<void> {
    const { id, ...columns } = faq;
    await this.faqs.update({ id }, columns);
  }

  async remove(id: string): Promise<void> {
    await this.faqs.delete({ id });
  }

  isTaken(topic: string, locale: string, except: string): Promise<boolean> {
    return this.faqs.existsBy({ topic, locale, id: Not(except) });
  }

  /** Hand-written SQL: TypeORM does not support full-text search and row comparison for cursors. */
  async list(query: FaqsQuery): Promise<Page<FaqView>> {
    const values: unknown[] = [];
    const bind = (value: unknown): string => `$${values.push(value)}`;
    const where = ['true'];
    let rank = '0';
    if (query.locale) where.push(isBestTranslation(bind(localeFallbacks(query.locale))));
    if (query.category) where.push(`search_fold(f.category) = search_fold(${bind(query.category)})`);
    if (query.q !== undefined) {
      const words = `(${prefixQuery(bind(query.q))})`;
      where.push(`f.search @@ ${words}`);
      rank = `(ts_rank(f.search, ${words}) * 1000000)::bigint`;
    }
    const page = keyset({
      sort: query.q === undefined ? 'position' : '-rank',
      columns: { position: { column: 'f.position', type: 'bigint' }, rank: { column: rank, type: 'bigint' } },
      idColumn: 'f.id',
      cursor: query.cursor,
    });
    const condition = where.join(' AND ');
    const countValues = [...values];
    const after = page.where(values.length + 1);
    values.push(...page.values);
    const rows = await this.db.rows<FaqView & { rank: string }>(
      `SELECT ${FAQ_COLUMNS}, ${rank} AS rank FROM faq f WHERE ${condition} ${after} ${page.orderBy}
       ${limitClause(query.limit, bind)}`,
      values,
    );
    const total = query.withTotal
      ? await this.db.row<{ n: number }>(`SELECT count(*)::int AS n FROM faq f WHERE ${condition}`, countValues)
      : null;
    return toPage(rows, query.limit, page, total?.n).map(({ rank: _, ...faq }) => faq);
  }

  /** Changes whenever an FAQ is created, changed or deleted. */
  async revision(): Promise<string> {
    const row = await this.db.row<{ revision: string }>(
      `SELECT concat_ws(':', count(*), sum(version), max(updated_at)) AS revision FROM faq`,
    );
    return row?.revision ?? '';
  }

  /** The first FAQs by position, each in the best translation for a reader. Hand-written SQL: TypeORM has no array_position. */
  findTranslations(locale: string): Promise<FaqView[]> {
    return this.db.rows<FaqView>(
      `SELECT ${FAQ_COLUMNS} FROM faq f WHERE ${isBestTranslation('$1')} ORDER BY f.position, f.id LIMIT ${MAX_INDEXED}`,
      [localeFallbacks(locale)],
    );
  }

  private get faqs() {
    return this.db.repository(Faq);
  }
}
