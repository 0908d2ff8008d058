import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { assignDefined, updateEvent } from '../../core/changes/versioned-update.js';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import { Clock } from '../../core/kernel/clock.js';
import { DomainError, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { assertManages, worksAt, type Actor } from '../../core/kernel/actor.js';
import { ClinicsService } from '../clinics/index.js';
import type { Resource } from './resource.entity.js';
import type { ChangeResource, CreateResource, ResourcesQuery, ResourceView } from './resources.dto.js';
import { ResourcesRepository } from './resources.repository.js';

/** Manages rooms, equipment and staff that services reserve. A doctor's own resource is changed with the doctor. */
@Injectable()
export class ResourcesService {
  constructor(
    private readonly db: Database,
    private readonly resources: ResourcesRepository,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
    private readonly clinics: ClinicsService,
  ) {}

  list(actor: Actor, query: ResourcesQuery): Promise<Page<ResourceView>> {
    return this.resources.list(actor.role === 'ADMIN' ? null : actor.clinicIds, query);
  }

  async get(actor: Actor, id: string): Promise<ResourceView> {
    const resource = await this.resources.find(id);
    if (!resource || !worksAt(actor, resource.clinicId)) throw notFound();
    return resource;
  }

  async create(actor: Actor, request: CreateResource): Promise<ResourceView> {
    assertManages(actor, request.clinicId);
    return this.db.transaction(async () => {
      await this.clinics.assertExists(request.clinicId);
      const id = newId();
      await this.resources.insert({ id, ...request });
      const after = await this.get(actor, id);
      await this.changes.record({
        action: 'resource.created',
        objectType: 'resource',
        objectId: id,
        clinicId: after.clinicId,
        after,
      });
      return after;
    });
  }

  async change(actor: Actor, id: string, request: ChangeResource, version: number | null): Promise<ResourceView> {
    return this.changes.versionedUpdate({
      objectType: 'resource',
      id,
      version,
      lock: async () => ({ row: await this.lock(actor, id), before: await this.get(actor, id) }),
      change: async (resource) => {
        assignDefined(resource, request);
        resource.version += 1;
        resource.updatedAt = new Date(this.clock.now());
        await this.resources.save(resource);
      },
      read: () => this.get(actor, id),
      details: (before, after) => ({ clinicId: after.clinicId, event: updateEvent('resource', before, after) }),
    });
  }

  async remove(actor: Actor, id: string): Promise<null> {
    return this.db.transaction(async () => {
      const resource = await this.lock(actor, id);
      const now = new Date(this.clock.now());
      if (await this.resources.isReservedAfter(id, now))
        throw new DomainError(
          'IN_USE',
          'The resource is reserved for upcoming appointments. Move or cancel them first.',
        );
      resource.deletedAt = now;
      await this.resources.save(resource);
      await this.changes.record({
        action: 'resource.deleted',
        objectType: 'resource',
        objectId: id,
        clinicId: resource.clinicId,
      });
      return null;
    });
  }

  private async lock(actor: Actor, id: string): Promise<Resource> {
    const resource = await this.resources.lock(id);
    if (!resource || resource.deletedAt || !worksAt(actor, resource.clinicId)) throw notFound();
    assertManages(actor, resource.clinicId);
    if (await this.resources.belongsToDoctor(id))
      throw new DomainError('IN_USE', 'This resource belongs to a doctor. Change the doctor instead.');
    return resource;
  }
}
