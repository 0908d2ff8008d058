import { Body, Controller, Delete, Get, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Config } from '../../core/config/config.js';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { FavoritesService, type FavoriteView } from '../favorites/index.js';
import { DoctorViews } from './doctor-views.js';
import { MobileAddFavorite, MobileFavoritesQuery, MobileFavoritesView, MobileFavoriteView } from './favorites.dto.js';
import { MobileMessageView } from './message.dto.js';
import { ApiMobileId, MobileIdParam, type MobileId } from './mobile-id.js';
import { MobileIds } from './mobile-ids.service.js';
import { setPageHeaders } from './page-headers.js';
import { mobilePaths } from './prefixes.js';
import { serverUrl } from './server-url.js';

@ApiTags('NeuroAid')
@Controller(mobilePaths('favorites'))
export class MobileFavoritesController {
  constructor(
    private readonly favorites: FavoritesService,
    private readonly doctors: DoctorViews,
    private readonly ids: MobileIds,
    private readonly config: Config,
  ) {}

  @Get()
  @Operation({
    summary: 'List your favorite doctors, newest first',
    permission: 'favorite:own',
    bare: true,
    answer: MobileFavoritesView,
    errors: ['BAD_CURSOR', 'NOT_FOUND'],
  })
  async list(
    @CurrentActor() actor: Actor,
    @Query() { userId, ...query }: MobileFavoritesQuery,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<MobileFavoritesView> {
    await this.ids.assertOwnUser(actor, userId);
    const page = await this.favorites.list(actor, query);
    setPageHeaders(request, response, page);
    return { favorites: await this.toViews(page.items, request) };
  }

  @Post()
  @Operation({
    summary: 'Add a favorite doctor',
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
    @Req() request: Request,
  ): Promise<MobileFavoriteView> {
    await this.ids.assertOwnUser(actor, userId);
    const favorite = await this.favorites.add(actor, await this.ids.getUuid('doctor', doctorId));
    const [view] = await this.toViews([favorite], request);
    return view as MobileFavoriteView;
  }

  @Delete(':id')
  @ApiMobileId()
  @Operation({
    summary: 'Remove a favorite doctor by the doctor’s id',
    permission: 'favorite:own',
    bare: true,
    answer: MobileMessageView,
    errors: ['NOT_FOUND'],
  })
  async remove(@CurrentActor() actor: Actor, @MobileIdParam() id: MobileId): Promise<MobileMessageView> {
    await this.favorites.remove(actor, await this.ids.getUuid('doctor', id));
    return { message: 'Removed from your favorites.' };
  }

  private async toViews(favorites: FavoriteView[], request: Request): Promise<MobileFavoriteView[]> {
    const doctors = await this.doctors.toViews(
      favorites.map(({ doctor }) => doctor),
      serverUrl(this.config, request),
    );
    return doctors.map((doctor, index) => ({
      id: doctor.id,
      doctorId: doctor.id,
      createdAt: (favorites[index] as FavoriteView).createdAt,
      doctor,
    }));
  }
}
