import { OmitType } from '@nestjs/swagger';
import { IsUUID } from 'class-validator';
import { MayBeLeftOut } from '../../core/http/text.js';
import { AddFavorite, FavoritesQuery, FavoriteView } from '../favorites/index.js';
import { doctorViewOf, MobileDoctorView } from './doctors.dto.js';
import { LIST_LIMIT, ListLimit } from './list-limit.js';

export class MobileAddFavorite extends AddFavorite {
  /** Yours, if at all. */
  @MayBeLeftOut()
  @IsUUID()
  userId?: string;
}

/** At most 100 at a time, the last marked first. */
export class MobileFavoritesQuery extends FavoritesQuery {
  @ListLimit()
  override limit: number = LIST_LIMIT;

  /** Yours, if at all. */
  @MayBeLeftOut()
  @IsUUID()
  userId?: string;
}

export class MobileFavoriteView extends OmitType(FavoriteView, ['id', 'doctor'] as const) {
  /** The doctor's: a favourite goes by its doctor, also where it is deleted. @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  doctor: MobileDoctorView;
}

export const favoriteViewOf = (
  { doctorId, createdAt, doctor }: FavoriteView,
  serverUrl: string,
): MobileFavoriteView => ({
  id: doctorId,
  doctorId,
  createdAt,
  doctor: doctorViewOf(doctor, serverUrl),
});
