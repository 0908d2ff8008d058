import { createHash, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../../../core/config/config.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { isId } from '../../../core/kernel/id.js';
import { readSignedText, signText } from '../../../core/security/signed-text.js';
import { deriveKey } from '../../../core/security/tokens.js';
import { invalidCode } from './oidc.errors.js';
import type { SignInPurpose } from './provider-sign-in.entity.js';
import { ProviderSignInsRepository, type UsedCode } from './provider-sign-ins.repository.js';

/** What an application sends to exchange a code. */
export interface CodeProof {
  code: string;
  codeVerifier?: string;
}

/**
 * One-time codes, which bring the result of a callback to the application: a URL gets into histories and logs, where tokens must not
 * be. A code works once, for a minute, for one purpose, and only with the verifier if the application sent a challenge.
 */
@Injectable()
export class ProviderCodes {
  private readonly key: KeyObject;

  constructor(
    private readonly signIns: ProviderSignInsRepository,
    config: Config,
  ) {
    this.key = deriveKey(config.JWT_SECRET, 'provider-sign-in-codes');
  }

  create(signInId: string): string {
    return signText(this.key, signInId);
  }

  /**
   * Uses a code. A code of a signed-in user works in the session that asked for it only.
   * @param actor null for a sign-in
   * @throws DomainError VALIDATION_ERROR
   */
  async use({ code, codeVerifier }: CodeProof, purpose: SignInPurpose, actor: Actor | null): Promise<UsedCode> {
    const id = readSignedText(this.key, code);
    const used = isId(id) ? await this.signIns.use(id, purpose) : null;
    if (!used || !isVerifierOf(used.codeChallenge, codeVerifier)) throw invalidCode();
    const isOwn =
      actor === null ? used.sessionId === null : used.sessionId === actor.sessionId && used.userId === actor.userId;
    if (!isOwn) throw invalidCode();
    return used;
  }
}

/** RFC 7636, 4.6: S256. A verifier without a challenge is refused too, since somebody has removed the challenge (RFC 9700, 2.1.1). */
function isVerifierOf(challenge: string | null, verifier: string | undefined): boolean {
  if (challenge === null || verifier === undefined) return challenge === null && verifier === undefined;
  return createHash('sha256').update(verifier).digest('base64url') === challenge;
}
