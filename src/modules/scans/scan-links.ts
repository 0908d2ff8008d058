import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../../core/config/config.js';
import { Clock } from '../../core/kernel/clock.js';
import { forbidden } from '../../core/kernel/domain-error.js';
import { deriveKey } from '../../core/security/tokens.js';
import type { LinkQuery } from './scans.dto.js';

const LIFE_SECONDS = 300;

/** What a link opens. */
export type Target = 'served' | 'deidentified' | 'thumbnail';

/**
 * Links that open one file for one user for five minutes, for what cannot send a token: an <img>, a viewer, a download.
 * A signature opens nothing by itself: who it was made for must still be allowed to see the scan.
 */
@Injectable()
export class ScanLinks {
  private readonly key: KeyObject;

  constructor(
    config: Config,
    private readonly clock: Clock,
  ) {
    this.key = deriveKey(config.JWT_SECRET, 'scan-links');
  }

  /** The path with its query; the client knows the origin. */
  sign(scanId: string, target: Target, userId: string): string {
    const expires = String(Math.floor(this.clock.now() / 1000) + LIFE_SECONDS);
    const signature = this.signature(scanId, target, userId, expires);
    const path = target === 'thumbnail' ? 'thumbnail' : 'file';
    const variant = target === 'deidentified' ? 'variant=deidentified&' : '';
    return `/api/v1/scans/${scanId}/${path}?${variant}u=${userId}&e=${expires}&s=${signature}`;
  }

  /**
   * @returns the user that the link was made for; null where the query holds no link
   * @throws DomainError FORBIDDEN for a link that is not ours, or not valid any more
   */
  verify(scanId: string, target: Target, { u, e, s }: LinkQuery): string | null {
    if (u === undefined && e === undefined && s === undefined) return null;
    if (u === undefined || e === undefined || s === undefined) throw refused();
    const expected = Buffer.from(this.signature(scanId, target, u.toLowerCase(), e));
    const given = Buffer.from(s);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw refused();
    if (Number(e) * 1000 <= this.clock.now()) throw refused();
    return u.toLowerCase();
  }

  private signature(...parts: string[]): string {
    return createHmac('sha256', this.key).update(parts.join('\n')).digest('base64url');
  }
}

const refused = (): Error => forbidden('This link is not valid, or not any more; ask for the scan again.');
