import { MayBeLeftOut } from '../../core/http/text.js';
import { FavoritesQuery } from '../favorites/index.js';
import { MobileDoctorView } from './doctors.dto.js';
import { LIST_LIMIT, ListLimit } from './list-limit.js';
import { IsMobileId, type MobileId } from './mobile-id.js';

export class MobileAddFavorite {
  @IsMobileId()
  doctorId: MobileId;

  /** Yours, if given. */
  @MayBeLeftOut()
  @IsMobileId({ optional: true })
  userId?: MobileId;
}

/** At most 100 at a time, the newest first. */
export class MobileFavoritesQuery extends FavoritesQuery {
  @ListLimit()
  override limit: number = LIST_LIMIT;

  /** Yours, if given. */
  @MayBeLeftOut()
  @IsMobileId({ optional: true })
  userId?: MobileId;
}

export class MobileFavoriteView {
  /** The doctor's id: a favorite is named by its doctor, also where it is deleted. @example 1000001 */
  id: number;
  /** @example 1000001 */
  doctorId: number;
  createdAt: Date;
  doctor: MobileDoctorView;
}

export class MobileFavoritesView {
  favorites: MobileFavoriteView[];
}
