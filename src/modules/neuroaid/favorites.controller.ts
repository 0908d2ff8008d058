import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Config, publicUrl } from '../../core/config/config.js';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import type { Actor } from '../../core/security/actor.js';
import { FavoritesService } from '../favorites/index.js';
import { favoriteViewOf, MobileAddFavorite, MobileFavoritesQuery, MobileFavoriteView } from './favorites.dto.js';
import { MobileMessageView } from './message.dto.js';
import { assertOwn } from './own-user.js';

@ApiTags('NeuroAid')
@Controller('api/favorites')
export class MobileFavoritesController {
  constructor(
    private readonly favorites: FavoritesService,
    private readonly config: Config,
  ) {}

  @Get()
  @Operation({
    summary: 'Your favourite doctors, the last marked first',
    permission: 'favorite:own',
    bare: true,
    answer: [MobileFavoriteView],
    errors: ['BAD_CURSOR', 'NOT_FOUND'],
  })
  async list(
    @CurrentActor() actor: Actor,
    @Query() { userId, ...query }: MobileFavoritesQuery,
  ): Promise<Page<MobileFavoriteView>> {
    assertOwn(actor, userId);
    const page = await this.favorites.list(actor, query);
    return page.map((favorite) => favoriteViewOf(favorite, publicUrl(this.config)));
  }

  @Post()
  @Operation({
    summary: 'Mark a doctor as a favourite',
    permission: 'favorite:own',
    bare: true,
    status: 201,
    answer: MobileFavoriteView,
    idempotent: true,
    errors: ['NOT_FOUND', 'ALREADY_EXISTS'],
  })
  async add(
    @CurrentActor() actor: Actor,
    @Body() { doctorId, userId }: MobileAddFavorite,
  ): Promise<MobileFavoriteView> {
    assertOwn(actor, userId);
    return favoriteViewOf(await this.favorites.add(actor, doctorId.toLowerCase()), publicUrl(this.config));
  }

  @Delete(':id')
  @Operation({
    summary: 'No longer a favourite; the id is the doctor’s',
    permission: 'favorite:own',
    bare: true,
    answer: MobileMessageView,
    errors: ['NOT_FOUND'],
  })
  async remove(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<MobileMessageView> {
    await this.favorites.remove(actor, id);
    return { message: 'No longer a favourite.' };
  }
}
