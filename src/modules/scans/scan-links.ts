import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../../core/config/config.js';
import { Clock } from '../../core/kernel/clock.js';
import { forbidden } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import { LiveSessions } from '../../core/security/live-sessions.js';
import { MfaRequirements } from '../../core/security/mfa-requirements.js';
import { readSignedText, signText } from '../../core/security/signed-text.js';
import { deriveKey } from '../../core/security/tokens.js';

const LIFE_SECONDS = 300;

/** The user of a link, as they are now. */
export interface LinkReader extends Pick<Actor, 'userId' | 'role' | 'clientId' | 'doctorId' | 'clinicIds'> {
  hasFactor: boolean;
}

/** The file that a link opens. */
export type Target = 'served' | 'deidentified' | 'thumbnail';

/**
 * Signs links that open one file for one user for five minutes, for clients that cannot send a token: an <img>, a viewer, a
 * download. The signature alone is not enough: the user must still be signed in and have access to the scan.
 */
@Injectable()
export class ScanLinks {
  private readonly key: KeyObject;
  private readonly lifeSeconds: number;

  constructor(
    config: Config,
    private readonly clock: Clock,
    private readonly sessions: LiveSessions,
    private readonly mfa: MfaRequirements,
  ) {
    this.key = deriveKey(config.JWT_SECRET, 'scan-links');
    // Ended sessions are remembered only as long as their access tokens would be valid.
    this.lifeSeconds = Math.min(LIFE_SECONDS, config.JWT_EXPIRES_IN);
  }

  /** Returns the path and query of a link, without the origin. */
  sign(scanId: string, target: Target, { userId, sessionId }: Pick<Actor, 'userId' | 'sessionId'>): string {
    const expires = Math.floor(this.clock.now() / 1000) + this.lifeSeconds;
    const link = signText(this.key, [scanId, target, userId, sessionId, expires].join(' '));
    const path = target === 'thumbnail' ? 'thumbnail' : 'file';
    const variant = target === 'deidentified' ? 'variant=deidentified&' : '';
    return `/api/v1/scans/${scanId}/${path}?${variant}link=${link}`;
  }

  /**
   * @returns the user of the link; null without a link
   * @throws DomainError FORBIDDEN if the link has a wrong signature, is for another file or has expired
   */
  verify(scanId: string, target: Target, link: string | undefined): string | null {
    if (link === undefined) return null;
    const [id, file, userId, sessionId, expires] = readSignedText(this.key, link)?.split(' ') ?? [];
    const isForThis = id === scanId && file === target;
    const isValid = Number(expires) * 1000 > this.clock.now() && !this.sessions.hasEnded(sessionId ?? '');
    if (!userId || !isForThis || !isValid) {
      throw forbidden('This link is not valid or has expired. Get the scan again for a new one.');
    }
    return userId;
  }

  /** @throws DomainError FORBIDDEN for a user who must set up a second factor first */
  assertHasFactor({ hasFactor, ...reader }: LinkReader): void {
    if (this.mfa.isMissing(reader, hasFactor)) throw this.mfa.refusal();
  }
}
