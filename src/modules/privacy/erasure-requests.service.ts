import { Injectable } from '@nestjs/common';
import type { Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import type { Proof } from '../../core/security/fresh-proof.js';
import { ReauthenticationService, type Device } from '../auth/index.js';
import { ErasureTask } from './erasure.task.js';
import { PeopleRepository } from './people.repository.js';
import type { ErasureView } from './privacy.dto.js';

/** Accepts requests to erase somebody (GDPR, article 17). */
@Injectable()
export class ErasureRequests {
  constructor(
    private readonly people: PeopleRepository,
    private readonly reauthentication: ReauthenticationService,
    private readonly limits: RateLimits,
    private readonly erasures: ErasureTask,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError NOT_FOUND, FORBIDDEN without fresh proof of identity, RATE_LIMITED, IN_USE */
  async erase(actor: Actor, userId: string, proof: Proof, device: Device): Promise<ErasureView> {
    const person = await this.people.getFor(actor, userId);
    await this.reauthentication.assertFresh(actor, proof, device);
    await this.limits.consume('erasures', actor.userId);
    const erasedAt = await this.erasures.erase(person, actor, new Date(this.clock.now()));
    return { userId: person.userId, erasedAt };
  }
}
