import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { PageQuery } from '../../core/http/page.js';
import { DoctorView } from '../doctors/index.js';

export class AddFavorite {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  @IsUUID()
  doctorId: string;
}

export class FavoriteView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  doctorId: string;
  createdAt: Date;
  doctor: DoctorView;
}

const FAVORITE_SORTS = ['createdAt', '-createdAt'] as const;

export class FavoritesQuery extends PageQuery {
  @IsOptional()
  @IsIn(FAVORITE_SORTS)
  sort: (typeof FAVORITE_SORTS)[number] = '-createdAt';
}
