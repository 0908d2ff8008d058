import { Injectable } from '@nestjs/common';
import { currentContext } from '../context/request-context.js';
import type { Actor } from '../kernel/actor.js';
import { forbidden, type DomainError } from '../kernel/domain-error.js';

/** What a user sends to prove who they are. */
export interface Proof {
  password?: string | undefined;
  otp?: string | undefined;
}

type Verify = (actor: Actor, proof: Proof, ip: string | null) => Promise<void>;

/**
 * Asserts fresh proof of identity, for features that `auth` imports and that therefore cannot import it: `auth` registers the check. Call
 * it outside of transactions, since a failure is recorded.
 */
@Injectable()
export class FreshProof {
  private verify: Verify | null = null;

  register(verify: Verify): void {
    this.verify = verify;
  }

  /** @throws DomainError FORBIDDEN with `details.reason` REAUTHENTICATE, RATE_LIMITED */
  async assert(actor: Actor, proof: Proof): Promise<void> {
    if (!this.verify) throw reauthenticationRequired();
    await this.verify(actor, proof, currentContext().ip);
  }
}

export const reauthenticationRequired = (): DomainError =>
  forbidden('Prove first that it is you: send your password, and the code of the second factor if you have one.', {
    reason: 'REAUTHENTICATE',
  });
