import { Injectable } from '@nestjs/common';
import { Algorithm, hash, verify } from '@node-rs/argon2';
import { Semaphore } from '../../core/concurrency/semaphore.js';
import { DomainError, invalid } from '../../core/kernel/domain-error.js';
import { isLegacyHash, matchesLegacyHash } from './legacy-hashes.js';
import { isStrongPassword, type PasswordOwner } from './password-strength.js';

/** The minimum that OWASP recommends for argon2id: 19 MiB, two passes, one lane. */
export const ARGON2 = { algorithm: 2 as Algorithm.Argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** libuv's pool has four threads; two remain for DNS and files. */
const MAX_CONCURRENT = 2;
/** About four seconds of waiting. Further requests are refused. */
const MAX_WAITING = 500;
const RETRY_SECONDS = 2;
/** Unicode characters, so an emoji counts as one. */
const MIN_CHARACTERS = 8;

/** The hash of a random password, to check an unknown user against. */
const RANDOM_HASH = hash(crypto.randomUUID(), ARGON2);

/** Hashes and checks passwords, a few at a time. Passwords are normalized to NFKC, since keyboards encode characters differently. */
@Injectable()
export class Passwords {
  private readonly permits = new Semaphore({ total: MAX_CONCURRENT });

  hash(password: string): Promise<string> {
    return this.runLimited(() => hash(normalize(password), ARGON2));
  }

  /** @param stored null for an unknown user: returns false after the same time as for a wrong password */
  async matches(stored: string | null, password: string): Promise<boolean> {
    const hashed = stored ?? (await RANDOM_HASH);
    const isMatch = await this.runLimited(() =>
      this.isOutdated(hashed) ? matchesLegacyHash(hashed, password) : verify(hashed, normalize(password)),
    );
    return isMatch && stored !== null;
  }

  /** Whether the hash comes from an older system. It is replaced when the user signs in. */
  isOutdated(stored: string): boolean {
    return !stored.startsWith('$argon2id$');
  }

  /** Whether a hash of an older system can be stored: `matches` can check it at a reasonable cost. */
  accepts(foreignHash: string): boolean {
    return isLegacyHash(foreignHash);
  }

  /** @throws DomainError VALIDATION_ERROR for a password that is too short or easy to guess */
  assertStrong(password: string, owner: PasswordOwner, field = 'password'): void {
    const text = normalize(password);
    if ([...text].length < MIN_CHARACTERS) {
      throw invalid({ field, error: `must have at least ${MIN_CHARACTERS} characters` });
    }
    if (isStrongPassword(text, owner)) return;
    throw invalid({
      field,
      error: 'is too easy to guess: use several words that are not about you, or more characters',
    });
  }

  /** @throws DomainError SERVICE_UNAVAILABLE if too many passwords wait */
  private async runLimited<T>(work: () => Promise<T>): Promise<T> {
    if (this.permits.waiting >= MAX_WAITING) throw tooManySignIns();
    return this.permits.run(work);
  }
}

const tooManySignIns = (): DomainError =>
  new DomainError(
    'SERVICE_UNAVAILABLE',
    'Too many people are signing in. Try again in a moment.',
    undefined,
    RETRY_SECONDS,
  );

const normalize = (password: string): string => password.normalize('NFKC');
