import { Injectable } from '@nestjs/common';
import { Not } from 'typeorm';
import { Database } from '../../core/database/database.js';
import { prefixQuery } from '../../core/database/full-text.js';
import { keyset, limitClause, type Page, toPage } from '../../core/http/page.js';
import { Faq } from './faq.entity.js';
import type { FaqsQuery, FaqView } from './faqs.dto.js';
import { localeFallbacks } from './locale.js';

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
    const take = (value: unknown): string => `$${values.push(value)}`;
    const where = ['true'];
    let rank = '0';
    if (query.locale) where.push(isBestTranslation(take(localeFallbacks(query.locale))));
    if (query.category) where.push(`search_fold(f.category) = search_fold(${take(query.category)})`);
    if (query.q !== undefined) {
      const words = `(${prefixQuery(take(query.q))})`;
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
    const counted = [...values];
    const after = page.where(values.length + 1);
    values.push(...page.values);
    const rows = await this.db.rows<FaqView & { rank: string }>(
      `SELECT ${FAQ_COLUMNS}, ${rank} AS rank FROM faq f WHERE ${condition} ${after} ${page.orderBy}
       ${limitClause(query.limit, take)}`,
      values,
    );
    const total = query.withTotal
      ? await this.db.row<{ n: number }>(`SELECT count(*)::int AS n FROM faq f WHERE ${condition}`, counted)
      : null;
    return toPage(rows, query.limit, page, total?.n).map(({ rank: _, ...faq }) => faq);
  }

  /**
   * The FAQ that matches most of the prefixes, which must consist of letters and digits; null if none matches enough. Hand-written
   * SQL: TypeORM does not support full-text search.
   * @param minScore the minimum number of prefixes that match; at least one must match the question, and those count twice
   */
  findBestMatch(locale: string, prefixes: string[], minScore: number): Promise<FaqView | null> {
    return this.db.row<FaqView>(
      `WITH prefix AS (SELECT (quote_literal(search_fold(p)) || ':*')::tsquery AS query FROM unnest($2::text[]) p
                       WHERE search_fold(p) <> '')
       SELECT ${FAQ_COLUMNS} FROM faq f,
         LATERAL (SELECT count(*) FILTER (WHERE f.question_search @@ prefix.query)::int AS question,
                         count(*) FILTER (WHERE f.search @@ prefix.query)::int AS total FROM prefix) counts
       WHERE ${isBestTranslation('$1')} AND counts.question > 0 AND counts.question + counts.total >= $3
       ORDER BY counts.question + counts.total DESC, counts.question DESC, array_position($1::text[], f.locale), f.position, f.id
       LIMIT 1`,
      [localeFallbacks(locale), prefixes, minScore],
    );
  }

  private get faqs() {
    return this.db.repository(Faq);
  }
}
