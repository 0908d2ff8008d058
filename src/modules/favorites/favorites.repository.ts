import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { keyset, pageOf, type Page } from '../../core/http/page.js';
import { Favorite } from './favorite.entity.js';
import type { FavoritesQuery } from './favorites.dto.js';

export type ShownFavorite = Pick<Favorite, 'id' | 'doctorId' | 'createdAt'>;

const SORTS = { createdAt: { column: 'f.id', type: 'uuid' } } as const;

/** A doctor who left or is not bookable vanishes from the list; one who comes back is there again. */
const SHOWN = `
  FROM favorite f JOIN doctor d ON d.id = f.doctor_id AND d.deleted_at IS NULL AND d.is_active WHERE f.user_id = $1`;

@Injectable()
export class FavoritesRepository {
  constructor(private readonly db: Database) {}

  /** @returns null where it is there already */
  async insert(id: string, userId: string, doctorId: string): Promise<ShownFavorite | null> {
    const favorite = { id, userId, doctorId };
    const { generatedMaps } = await this.favorites.createQueryBuilder().insert().values(favorite).orIgnore().execute();
    const createdAt = (generatedMaps[0] as Partial<Favorite> | undefined)?.createdAt;
    return createdAt ? { id, doctorId, createdAt } : null;
  }

  /** @returns the id of what was there, or null */
  async remove(userId: string, doctorId: string): Promise<string | null> {
    const result: { raw: unknown } = await this.favorites
      .createQueryBuilder()
      .delete()
      .where({ userId, doctorId })
      .returning('id')
      .execute();
    const [row] = result.raw as { id: string }[];
    return row?.id ?? null;
  }

  /** Hand-written SQL: TypeORM cannot say the comparison of rows that continues after a cursor. */
  async list(userId: string, query: FavoritesQuery): Promise<Page<ShownFavorite>> {
    const page = keyset({ sort: query.sort, columns: SORTS, idColumn: 'f.id', cursor: query.cursor });
    const rows = await this.db.rows<ShownFavorite>(
      `SELECT f.id, f.doctor_id AS "doctorId", f.created_at AS "createdAt"
       ${SHOWN} ${page.where(3)} ${page.orderBy} LIMIT $2`,
      [userId, query.limit + 1, ...page.values],
    );
    const total = query.withTotal
      ? await this.db.row<{ n: number }>(`SELECT count(*)::int AS n ${SHOWN}`, [userId])
      : null;
    return pageOf(rows, query.limit, page, total?.n);
  }

  private get favorites() {
    return this.db.repository(Favorite);
  }
}
