import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import type { Actor } from '../../core/kernel/actor.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { ReauthenticationService, type Device } from '../auth/index.js';
import { ExportArchive } from './export-archive.js';
import { PeopleRepository } from './people.repository.js';

/** Exports everything that is stored about a person (GDPR, articles 15 and 20). */
@Injectable()
export class ExportService {
  constructor(
    private readonly people: PeopleRepository,
    private readonly reauthentication: ReauthenticationService,
    private readonly limits: RateLimits,
    private readonly changes: ChangeLog,
    private readonly archive: ExportArchive,
  ) {}

  /** @throws DomainError NOT_FOUND, FORBIDDEN without fresh proof of identity, RATE_LIMITED */
  async export(actor: Actor, userId: string, device: Device): Promise<Readable> {
    const person = await this.people.getFor(actor, userId);
    await this.reauthentication.assertFresh(actor, {}, device);
    await this.limits.consume('exports', actor.userId);
    await this.changes.recordAccess({
      action: 'user.exported',
      objectType: 'user',
      objectId: person.userId,
      ...(person.clientId && { changes: { clientIds: [person.clientId] } }),
    });
    return this.archive.create(person);
  }
}
