import { tooMany } from '../../core/security/flood-gate.js';

const MOST = 2;
const RETRY_MILLISECONDS = 2_000;

/** How many of a user's messages this process answers at once. */
export class UserSlots {
  private readonly taken = new Map<string, number>();

  /** @throws DomainError RATE_LIMITED. @returns what gives the place back; safe to call twice */
  take(userId: string): () => void {
    const now = this.taken.get(userId) ?? 0;
    if (now >= MOST) throw tooMany(RETRY_MILLISECONDS, MOST);
    this.taken.set(userId, now + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = (this.taken.get(userId) ?? 1) - 1;
      if (left > 0) this.taken.set(userId, left);
      else this.taken.delete(userId);
    };
  }
}
