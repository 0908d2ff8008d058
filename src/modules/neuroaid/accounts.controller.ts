import { Body, Controller, Get, Post, Query, Req, UseInterceptors } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor } from '../../core/http/validation.js';
import type { Actor } from '../../core/security/actor.js';
import { AuthService, deviceOf, Login, RegistrationInterceptor, type SignedIn } from '../auth/index.js';
import { UsersService } from '../users/index.js';
import { MobileRegister, MobileSignedInView, MobileUsersQuery, MobileUserView, userViewOf } from './accounts.dto.js';
import { personNames } from './person-name.js';

const signedInViewOf = ({ accessToken, user }: SignedIn): MobileSignedInView => ({
  accessToken,
  user: userViewOf(user),
});

@ApiTags('NeuroAid')
@Controller('api')
export class MobileAccountsController {
  constructor(
    private readonly auth: AuthService,
    private readonly users: UsersService,
  ) {}

  @Post('auth/register')
  @Operation({
    summary: 'Register as a patient',
    permission: 'public',
    bare: true,
    status: 201,
    answer: MobileSignedInView,
    idempotent: true,
    errors: ['EMAIL_TAKEN'],
  })
  @UseInterceptors(RegistrationInterceptor)
  async register(@Body() body: MobileRegister, @Req() request: Request): Promise<MobileSignedInView> {
    const { name: _name, role: _role, isActive: _isActive, ...fields } = body;
    return signedInViewOf(await this.auth.register({ ...fields, ...personNames(body) }, deviceOf(request)));
  }

  @Post('auth/login')
  @Operation({
    summary: 'Sign in',
    permission: 'public',
    bare: true,
    answer: MobileSignedInView,
    errors: ['INVALID_CREDENTIALS'],
  })
  async login(@Body() body: Login, @Req() request: Request): Promise<MobileSignedInView> {
    return signedInViewOf(await this.auth.login(body, deviceOf(request)));
  }

  @Get('users')
  @Operation({
    summary: 'Accounts: all for an ADMIN, for a MANAGER those of the own clinics',
    permission: 'user:manage',
    bare: true,
    answer: [MobileUserView],
    errors: ['BAD_CURSOR'],
  })
  async list(@CurrentActor() actor: Actor, @Query() query: MobileUsersQuery): Promise<Page<MobileUserView>> {
    return (await this.users.list(actor, query)).map(userViewOf);
  }

  @Get('users/me')
  @Operation({
    summary: 'Who you are',
    permission: 'user:own',
    bare: true,
    answer: MobileUserView,
    errors: ['NOT_FOUND'],
  })
  async me(@CurrentActor() actor: Actor): Promise<MobileUserView> {
    return userViewOf(await this.users.get(actor, actor.userId));
  }
}
