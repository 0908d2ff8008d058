import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import { ProviderIdentity } from './provider-identity.entity.js';

/** An account that signs in by an identity, as it was when the identity was read. */
export interface IdentityAccount {
  userId: string;
  /** As text, because a Date has no microseconds. */
  authorizationChangedAt: string;
}

/** The identities at providers that accounts sign in with. */
@Injectable()
export class IdentitiesRepository {
  constructor(private readonly db: Database) {}

  /** Hand-written SQL: one statement, so that an identity that is removed at the same time cannot be read with a later state of its account. */
  findAccount(provider: string, subject: string): Promise<IdentityAccount | null> {
    return this.db.row<IdentityAccount>(
      `SELECT u.id AS "userId", u.authorization_changed_at::text AS "authorizationChangedAt"
       FROM provider_identity i JOIN user_account u ON u.id = i.user_id
       WHERE i.provider = $1 AND i.subject = $2 AND u.deleted_at IS NULL`,
      [provider, subject],
    );
  }

  /** @returns false if the identity, or another one of the provider for this user, exists */
  async insert(
    identity: Pick<ProviderIdentity, 'id' | 'userId' | 'provider' | 'subject'>,
    now: Date,
  ): Promise<boolean> {
    const result: { raw: unknown } = await this.rows
      .createQueryBuilder()
      .insert()
      .values({ ...identity, createdAt: now, lastUsedAt: now })
      .orIgnore()
      .returning('id')
      .updateEntity(false)
      .execute();
    return (result.raw as unknown[]).length === 1;
  }

  async setLastUsed(provider: string, subject: string, now: Date): Promise<void> {
    await this.rows.update({ provider, subject }, { lastUsedAt: now });
  }

  list(userId: string): Promise<ProviderIdentity[]> {
    return this.rows.find({ where: { userId }, order: { createdAt: 'ASC', id: 'ASC' } });
  }

  async delete(id: string, userId: string): Promise<void> {
    await this.rows.delete({ id, userId });
  }

  private get rows() {
    return this.db.repository(ProviderIdentity);
  }
}
