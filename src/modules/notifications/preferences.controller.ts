import { Body, Controller, Delete, Get, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor, IdParam, IfMatch } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { ChangePreferences, DeviceView, ForgetDevice, PreferencesView, RegisterDevice } from './preferences.dto.js';
import { PreferencesService } from './preferences.service.js';

@ApiTags('Notifications')
@Controller('api/v1/notifications')
export class PreferencesController {
  constructor(private readonly preferences: PreferencesService) {}

  @Get('preferences')
  @Operation({
    summary: 'Get notification preferences',
    permission: 'notification:own',
    answer: PreferencesView,
  })
  get(@CurrentActor() actor: Actor): Promise<PreferencesView> {
    return this.preferences.get(actor);
  }

  @Put('preferences')
  @Operation({
    summary: 'Set notification channels and quiet hours',
    description: 'Takes effect at once, also for reminders that are already planned.',
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
    summary: 'Register a device for push messages',
    description:
      'The device belongs to this session and gets no messages after it ends. A token of another user becomes the caller’s.',
    permission: 'notification:own',
    status: 201,
    answer: DeviceView,
    idempotent: true,
  })
  register(@CurrentActor() actor: Actor, @Body() request: RegisterDevice): Promise<DeviceView> {
    return this.preferences.registerDevice(actor, request);
  }

  @Get('devices')
  @Operation({
    summary: 'List the devices that get your push messages',
    permission: 'notification:own',
    answer: [DeviceView],
    plainList: true,
  })
  devices(@CurrentActor() actor: Actor): Promise<DeviceView[]> {
    return this.preferences.devices(actor);
  }

  @Delete('devices/:id')
  @Operation({
    summary: 'Stop push messages to a device',
    permission: 'notification:own',
    errors: ['NOT_FOUND'],
  })
  forgetById(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<null> {
    return this.preferences.removeDevice(actor, { id });
  }

  @Delete('devices')
  @Operation({
    summary: 'Stop push messages to the device with this push token',
    permission: 'notification:own',
    errors: ['NOT_FOUND'],
  })
  forget(@CurrentActor() actor: Actor, @Body() request: ForgetDevice): Promise<null> {
    return this.preferences.removeDevice(actor, { token: request.token });
  }
}
