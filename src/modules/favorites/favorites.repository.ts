import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { byCreation, keyset, toPage, type Page } from '../../core/http/page.js';
import { Favorite } from './favorite.entity.js';
import type { FavoritesQuery } from './favorites.dto.js';

export type FavoriteRow = Pick<Favorite, 'id' | 'doctorId' | 'createdAt'>;

const SORTS = { createdAt: byCreation('f.id') } as const;

/** Deleted and inactive doctors are hidden, but stay favourites. */
const VISIBLE_FAVORITES = `
  FROM favorite f JOIN doctor d ON d.id = f.doctor_id AND d.deleted_at IS NULL AND d.is_active WHERE f.user_id = $1`;

@Injectable()
export class FavoritesRepository {
  constructor(private readonly db: Database) {}

  /** @returns null if the doctor already is a favourite */
  async insert(id: string, userId: string, doctorId: string): Promise<FavoriteRow | null> {
    const favorite = { id, userId, doctorId };
    const { generatedMaps } = await this.favorites.createQueryBuilder().insert().values(favorite).orIgnore().execute();
    const createdAt = (generatedMaps[0] as Partial<Favorite> | undefined)?.createdAt;
    return createdAt ? { id, doctorId, createdAt } : null;
  }

  /** @returns the id of the deleted favourite, or null */
  async delete(userId: string, doctorId: string): Promise<string | null> {
    const result: { raw: unknown } = await this.favorites
      .createQueryBuilder()
      .delete()
      .where({ userId, doctorId })
      .returning('id')
      .execute();
    const [row] = result.raw as { id: string }[];
    return row?.id ?? null;
  }

  /** Hand-written SQL: TypeORM does not support row comparison for cursors, and doctors belong to another feature. */
  async list(userId: string, query: FavoritesQuery): Promise<Page<FavoriteRow>> {
    const page = keyset({ sort: query.sort, columns: SORTS, idColumn: 'f.id', cursor: query.cursor });
    const rows = await this.db.rows<FavoriteRow>(
      `SELECT f.id, f.doctor_id AS "doctorId", f.created_at AS "createdAt"
       ${VISIBLE_FAVORITES} ${page.where(3)} ${page.orderBy} LIMIT $2`,
      [userId, query.limit + 1, ...page.values],
    );
    const total = query.withTotal
      ? await this.db.row<{ n: number }>(`SELECT count(*)::int AS n ${VISIBLE_FAVORITES}`, [userId])
      : null;
    return toPage(rows, query.limit, page, total?.n);
  }

  private get favorites() {
    return this.db.repository(Favorite);
  }
}
