import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { Page } from '../../core/http/page.js';
import { DomainError, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import type { Actor } from '../../core/kernel/actor.js';
import { DoctorsService, type DoctorView } from '../doctors/index.js';
import type { FavoritesQuery, FavoriteView } from './favorites.dto.js';
import { FavoritesRepository } from './favorites.repository.js';

/** The doctors that a patient has marked. */
@Injectable()
export class FavoritesService {
  constructor(
    private readonly db: Database,
    private readonly favorites: FavoritesRepository,
    private readonly doctors: DoctorsService,
    private readonly changes: ChangeLog,
  ) {}

  async list(actor: Actor, query: FavoritesQuery): Promise<Page<FavoriteView>> {
    const page = await this.favorites.list(actor.userId, query);
    const doctors = await this.doctors.findByIds(page.items.map(({ doctorId }) => doctorId));
    const byId = new Map<string, DoctorView>(doctors.map((doctor) => [doctor.id, doctor]));
    // Omits a doctor who was deleted between the two reads.
    const items = page.items.flatMap((favorite) => {
      const doctor = byId.get(favorite.doctorId);
      return doctor ? [{ ...favorite, doctor }] : [];
    });
    return new Page(items, page.limit, page.nextCursor, page.total);
  }

  /** @throws DomainError ALREADY_EXISTS if the doctor already is a favourite */
  async add(actor: Actor, doctorId: string): Promise<FavoriteView> {
    return this.db.transaction(async () => {
      const doctor = await this.doctors.get(actor, doctorId);
      const favorite = await this.favorites.insert(newId(), actor.userId, doctor.id);
      if (!favorite) throw new DomainError('ALREADY_EXISTS', 'This doctor already is one of your favourites.');
      await this.changes.record({
        action: 'favorite.added',
        objectType: 'favorite',
        objectId: favorite.id,
        event: null,
      });
      return { ...favorite, doctor };
    });
  }

  async remove(actor: Actor, doctorId: string): Promise<null> {
    return this.db.transaction(async () => {
      const id = await this.favorites.delete(actor.userId, doctorId);
      if (!id) throw notFound();
      await this.changes.record({ action: 'favorite.removed', objectType: 'favorite', objectId: id, event: null });
      return null;
    });
  }
}
