import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor, IdParam, IfMatch } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { ChangeResource, CreateResource, ResourcesQuery, ResourceView } from './resources.dto.js';
import { ResourcesService } from './resources.service.js';

@ApiTags('Resources')
@Controller('api/v1/resources')
export class ResourcesController {
  constructor(private readonly resources: ResourcesService) {}

  @Get()
  @Operation({
    summary: 'List the rooms, equipment and people of your clinics',
    permission: 'resource:read',
    answer: [ResourceView],
    errors: ['BAD_CURSOR'],
  })
  list(@CurrentActor() actor: Actor, @Query() query: ResourcesQuery): Promise<Page<ResourceView>> {
    return this.resources.list(actor, query);
  }

  @Get(':id')
  @Operation({ summary: 'Get a resource', permission: 'resource:read', answer: ResourceView, errors: ['NOT_FOUND'] })
  get(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<ResourceView> {
    return this.resources.get(actor, id);
  }

  @Post()
  @Operation({
    summary: 'Add a resource',
    permission: 'resource:write',
    status: 201,
    answer: ResourceView,
    idempotent: true,
  })
  create(@CurrentActor() actor: Actor, @Body() request: CreateResource): Promise<ResourceView> {
    return this.resources.create(actor, request);
  }

  @Put(':id')
  @Operation({
    summary: 'Change a resource',
    permission: 'resource:write',
    answer: ResourceView,
    versioned: true,
    errors: ['NOT_FOUND', 'IN_USE'],
  })
  change(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() request: ChangeResource,
    @IfMatch() version: number | null,
  ): Promise<ResourceView> {
    return this.resources.change(actor, id, request, version);
  }

  @Delete(':id')
  @Operation({
    summary: 'Remove a resource that is not reserved',
    permission: 'resource:write',
    errors: ['NOT_FOUND', 'IN_USE'],
  })
  remove(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<null> {
    return this.resources.remove(actor, id);
  }
}
