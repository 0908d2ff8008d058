import { MayBeLeftOut } from '../../core/http/text.js';
import { FavoritesQuery } from '../favorites/index.js';
import { MobileDoctorView } from './doctors.dto.js';
import { LIST_LIMIT, ListLimit } from './list-limit.js';
import { IsMobileId, type MobileId } from './mobile-id.js';

export class MobileAddFavorite {
  @IsMobileId()
  doctorId: MobileId;

  /** Your own id, if given. */
  @MayBeLeftOut()
  @IsMobileId({ optional: true })
  userId?: MobileId;
}

/** Returns at most 100 favorites, newest first. */
export class MobileFavoritesQuery extends FavoritesQuery {
  @ListLimit()
  override limit: number = LIST_LIMIT;

  /** Your own id, if given. */
  @MayBeLeftOut()
  @IsMobileId({ optional: true })
  userId?: MobileId;
}

export class MobileFavoriteView {
  /** The doctor's id, which also identifies the favorite. @example 1000001 */
  id: number;
  /** @example 1000001 */
  doctorId: number;
  createdAt: Date;
  doctor: MobileDoctorView;
}

export class MobileFavoritesView {
  favorites: MobileFavoriteView[];
}
