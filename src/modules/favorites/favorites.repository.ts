import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { keyset, pageOf, type Page } from '../../core/http/page.js';
import type { FavoritesQuery } from './favorites.dto.js';

export interface Favorite {
  id: string;
  doctorId: string;
  createdAt: Date;
}

const SORTS = { createdAt: { column: 'f.id', type: 'uuid' } } as const;

/** A doctor who left or is not bookable vanishes from the list; one who comes back is there again. */
const SHOWN = `
  FROM favorite f JOIN doctor d ON d.id = f.doctor_id AND d.deleted_at IS NULL AND d.is_active WHERE f.user_id = $1`;

@Injectable()
export class FavoritesRepository {
  constructor(private readonly db: Database) {}

  /** @returns null where it is there already */
  insert(id: string, userId: string, doctorId: string): Promise<Favorite | null> {
    return this.db.row<Favorite>(
      `INSERT INTO favorite (id, user_id, doctor_id) VALUES ($1, $2, $3) ON CONFLICT (user_id, doctor_id) DO NOTHING
       RETURNING id, doctor_id AS "doctorId", created_at AS "createdAt"`,
      [id, userId, doctorId],
    );
  }

  /** @returns the id of what was there, or null */
  async remove(userId: string, doctorId: string): Promise<string | null> {
    const row = await this.db.row<{ id: string }>(
      `DELETE FROM favorite WHERE user_id = $1 AND doctor_id = $2 RETURNING id`,
      [userId, doctorId],
    );
    return row?.id ?? null;
  }

  async list(userId: string, query: FavoritesQuery): Promise<Page<Favorite>> {
    const page = keyset({ sort: query.sort, columns: SORTS, idColumn: 'f.id', cursor: query.cursor });
    const rows = await this.db.rows<Favorite>(
      `SELECT f.id, f.doctor_id AS "doctorId", f.created_at AS "createdAt"
       ${SHOWN} ${page.where(3)} ${page.orderBy} LIMIT $2`,
      [userId, query.limit + 1, ...page.values],
    );
    const total = query.withTotal
      ? await this.db.row<{ n: number }>(`SELECT count(*)::int AS n ${SHOWN}`, [userId])
      : null;
    return pageOf(rows, query.limit, page, total?.n);
  }
}
