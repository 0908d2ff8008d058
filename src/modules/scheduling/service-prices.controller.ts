import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor, IdParam, IfMatch } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { ServicePricesView, SetServicePrices } from './service-prices.dto.js';
import { ServicePricesService } from './service-prices.service.js';

@ApiTags('Services')
@Controller('api/v1/services/:id/prices')
export class ServicePricesController {
  constructor(private readonly prices: ServicePricesService) {}

  @Get()
  @Operation({
    summary: 'Get the prices of a service',
    permission: 'public',
    answer: ServicePricesView,
    errors: ['NOT_FOUND'],
  })
  get(@IdParam() id: string): Promise<ServicePricesView> {
    return this.prices.get(id);
  }

  @Put()
  @Operation({
    summary: 'Set the prices of a service',
    description:
      'A price of the doctor goes before one for all doctors, and one for the kind of visit before one for any visit. Booked ' +
      'appointments keep their price. Prices include the tax.',
    permission: 'service:write',
    answer: ServicePricesView,
    versioned: true,
    errors: ['NOT_FOUND'],
  })
  set(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() request: SetServicePrices,
    @IfMatch() version: number | null,
  ): Promise<ServicePricesView> {
    return this.prices.set(actor, id, request, version);
  }
}
