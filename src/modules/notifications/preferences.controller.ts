import { Body, Controller, Delete, Get, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor, IfMatch } from '../../core/http/validation.js';
import type { Actor } from '../../core/security/actor.js';
import { ChangePreferences, DeviceView, ForgetDevice, PreferencesView, RegisterDevice } from './preferences.dto.js';
import { PreferencesService } from './preferences.service.js';

@ApiTags('Notifications')
@Controller('api/v1/notifications')
export class PreferencesController {
  constructor(private readonly preferences: PreferencesService) {}

  @Get('preferences')
  @Operation({
    summary: 'How you are told of what',
    permission: 'notification:own',
    answer: PreferencesView,
  })
  get(@CurrentActor() actor: Actor): Promise<PreferencesView> {
    return this.preferences.get(actor);
  }

  @Put('preferences')
  @Operation({
    summary: 'Choose the channels of each kind, and quiet hours',
    description: 'Acts at once, on reminders that are planned already too.',
    permission: 'notification:own',
    answer: PreferencesView,
    versioned: true,
  })
  change(
    @CurrentActor() actor: Actor,
    @Body() request: ChangePreferences,
    @IfMatch() version: number | null,
  ): Promise<PreferencesView> {
    return this.preferences.change(actor, request, version);
  }

  @Post('devices')
  @Operation({
    summary: 'Send pushes to this device',
    description: 'A token that is known already becomes the caller’s.',
    permission: 'notification:own',
    status: 201,
    answer: DeviceView,
    idempotent: true,
  })
  register(@CurrentActor() actor: Actor, @Body() request: RegisterDevice): Promise<DeviceView> {
    return this.preferences.registerDevice(actor, request);
  }

  @Delete('devices')
  @Operation({
    summary: 'No pushes to this device any more',
    permission: 'notification:own',
    errors: ['NOT_FOUND'],
  })
  forget(@CurrentActor() actor: Actor, @Body() request: ForgetDevice): Promise<null> {
    return this.preferences.forgetDevice(actor, request.token);
  }
}
