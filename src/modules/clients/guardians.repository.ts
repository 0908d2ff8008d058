import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { Database } from '../../core/database/database.js';
import { newId } from '../../core/kernel/id.js';
import { Guardian } from './guardian.entity.js';
import type { GuardianshipTerms } from './guardianship.js';
import { RecordEncryption } from './record-encryption.js';

/** A link that no front desk has ended. Whether it is in force also depends on the child's age. */
export interface GuardianLink extends GuardianshipTerms {
  id: string;
  clientId: string;
  clientFirstName: string;
  clientLastName: string;
  guardianId: string;
  guardianUserId: string;
  guardianFirstName: string;
  guardianLastName: string;
  clinicId: string;
  createdAt: Date;
}

/** Hand-written SQL: links are read with records and accounts, which must be open, and clinics. */
@Injectable()
export class GuardiansRepository {
  constructor(
    private readonly db: Database,
    private readonly encryption: RecordEncryption,
  ) {}

  /** The links of these children. */
  findOfClients(clientIds: readonly string[]): Promise<GuardianLink[]> {
    return this.find('g.client_id = ANY ($1::uuid[])', [clientIds]);
  }

  findOfGuardian(guardianId: string): Promise<GuardianLink[]> {
    return this.find('g.guardian_id = $1::uuid', [guardianId]);
  }

  async findBetween(guardianId: string, clientId: string): Promise<GuardianLink | null> {
    const [link] = await this.find('g.guardian_id = $1::uuid AND g.client_id = $2::uuid', [guardianId, clientId]);
    return link ?? null;
  }

  async getTimeZone(clinicId: string): Promise<string> {
    const row = await this.db.row<{ zone: string }>('SELECT time_zone AS zone FROM clinic WHERE id = $1', [clinicId]);
    if (!row) throw new Error(`the clinic ${clinicId} is not found`);
    return row.zone;
  }

  /** Locks the records until the transaction ends, in the order of their ids. @returns how many exist and were not merged */
  async lock(clientIds: readonly string[]): Promise<number> {
    const rows = await this.db.rows(
      'SELECT id FROM client WHERE id = ANY ($1::uuid[]) AND merged_into_id IS NULL ORDER BY id FOR NO KEY UPDATE',
      [clientIds],
    );
    return rows.length;
  }

  /** @returns the id; null if the link exists */
  async insert(
    link: Pick<Guardian, 'clientId' | 'guardianId' | 'clinicId' | 'createdBy' | 'createdAt'>,
  ): Promise<string | null> {
    const row = await this.db.row<{ id: string }>(
      `INSERT INTO guardian (id, client_id, guardian_id, clinic_id, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (client_id, guardian_id) WHERE ended_at IS NULL DO NOTHING RETURNING id`,
      [newId(), link.clientId, link.guardianId, link.clinicId, link.createdBy, link.createdAt],
    );
    return row?.id ?? null;
  }

  /** @returns the guardian's record; null if there is no such link, or somebody else just ended it */
  async end(clientId: string, linkOrGuardianId: string, endedAt: Date): Promise<string | null> {
    const links = this.db.repository(Guardian);
    const open = { clientId, endedAt: IsNull() };
    const link = await links.findOne({
      where: [
        { ...open, id: linkOrGuardianId },
        { ...open, guardianId: linkOrGuardianId },
      ],
    });
    if (!link) return null;
    const { affected } = await links.update({ id: link.id, endedAt: IsNull() }, { endedAt });
    if (affected !== 1) return null;
    await this.db.rows(END_OF_MERGED_RECORDS, [clientId, link.guardianId, endedAt]);
    return link.guardianId;
  }

  private async find(condition: string, values: unknown[]): Promise<GuardianLink[]> {
    type Row = Omit<GuardianLink, 'dateOfBirth'> & { dateOfBirth: Buffer | null };
    const rows = await this.db.rows<Row>(`${LINKS} AND ${condition} ORDER BY g.id`, values);
    // A date that cannot be decrypted: nobody is a guardian, and messages to the patient are still sent.
    return rows.map((row) => ({ ...row, dateOfBirth: this.encryption.readDateOfBirth(row.clientId, row.dateOfBirth) }));
  }
}

/** A merge leaves a link at the merged record if the other record has it too. It must not come back if the merge is undone. */
const END_OF_MERGED_RECORDS = `
  UPDATE guardian SET ended_at = $3 WHERE ended_at IS NULL
    AND client_id IN (SELECT id FROM client WHERE id = $1 OR merged_into_id = $1)
    AND guardian_id IN (SELECT id FROM client WHERE id = $2 OR merged_into_id = $2)`;

const LINKS = `
  SELECT g.id, g.client_id AS "clientId", cu.first_name AS "clientFirstName", cu.last_name AS "clientLastName",
         g.guardian_id AS "guardianId", p.user_id AS "guardianUserId", pu.first_name AS "guardianFirstName",
         pu.last_name AS "guardianLastName", g.clinic_id AS "clinicId", g.created_at AS "createdAt",
         k.time_zone AS "timeZone", c.date_of_birth AS "dateOfBirth"
  FROM guardian g JOIN clinic k ON k.id = g.clinic_id
  JOIN client c ON c.id = g.client_id AND c.merged_into_id IS NULL
  JOIN user_account cu ON cu.id = c.user_id AND cu.deleted_at IS NULL
  JOIN client p ON p.id = g.guardian_id AND p.merged_into_id IS NULL
  JOIN user_account pu ON pu.id = p.user_id AND pu.deleted_at IS NULL
  WHERE g.ended_at IS NULL`;
