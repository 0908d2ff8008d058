import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { AddFavorite, FavoritesQuery, FavoriteView } from './favorites.dto.js';
import { FavoritesService } from './favorites.service.js';

@ApiTags('Favorites')
@Controller('api/v1/favorites')
export class FavoritesController {
  constructor(private readonly favorites: FavoritesService) {}

  @Get()
  @Operation({
    summary: 'List your favourite doctors, newest first',
    permission: 'favorite:own',
    answer: [FavoriteView],
    errors: ['BAD_CURSOR'],
  })
  list(@CurrentActor() actor: Actor, @Query() query: FavoritesQuery): Promise<Page<FavoriteView>> {
    return this.favorites.list(actor, query);
  }

  @Post()
  @Operation({
    summary: 'Add a favourite doctor',
    permission: 'favorite:own',
    status: 201,
    answer: FavoriteView,
    idempotent: true,
    errors: ['NOT_FOUND', 'ALREADY_EXISTS'],
  })
  add(@CurrentActor() actor: Actor, @Body() { doctorId }: AddFavorite): Promise<FavoriteView> {
    return this.favorites.add(actor, doctorId.toLowerCase());
  }

  @Delete(':doctorId')
  @Operation({ summary: 'Remove a favourite doctor', permission: 'favorite:own', errors: ['NOT_FOUND'] })
  remove(@CurrentActor() actor: Actor, @IdParam('doctorId') doctorId: string): Promise<null> {
    return this.favorites.remove(actor, doctorId);
  }
}
