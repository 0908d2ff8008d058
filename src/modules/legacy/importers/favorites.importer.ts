import { Injectable } from '@nestjs/common';
import { FavoritesService } from '../../favorites/index.js';
import type { LegacyFavorite } from '../legacy-data.js';
import type { MigrationRun } from '../migration-run.js';
import { Importers, type Imported, type Importer } from './importer.js';
import { patientActor } from './patient-actor.js';

@Injectable()
export class FavoritesImporter implements Importer<'favorite'> {
  constructor(
    importers: Importers,
    private readonly favorites: FavoritesService,
  ) {
    importers.register('favorite', this);
  }

  async create({ userKey, doctorKey }: LegacyFavorite, run: MigrationRun): Promise<Imported> {
    const userId = await run.resolve('user', userKey, 'userId');
    const doctorId = await run.resolve('doctor', doctorKey, 'doctorId');
    return this.favorites.add(patientActor(userId, null), doctorId);
  }

  async update(): Promise<null> {
    return null;
  }
}
