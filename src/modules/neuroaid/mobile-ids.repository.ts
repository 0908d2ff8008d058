import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { Database } from '../../core/database/database.js';
import { NeuroaidId, type MobileKind } from './neuroaid-id.entity.js';

type NumberedId = Pick<NeuroaidId, 'uuid' | 'number'>;

/** The integer ids of objects for the NeuroAid client. Inserts are hand-written SQL: they skip taken ids and numbers. */
@Injectable()
export class MobileIdsRepository {
  constructor(private readonly db: Database) {}

  find(kind: MobileKind, uuids: readonly string[]): Promise<NumberedId[]> {
    return this.rows.findBy({ kind, uuid: In([...uuids]) });
  }

  /**
   * Assigns the next numbers. Leaves out ids that a concurrent request has just numbered, and those whose next number is already
   * taken (by an import of the app's old data, docs/neuroaid.md). So the caller must read the numbers again, and assign again to
   * the ids without one. Sorted, to avoid deadlocks.
   */
  async assign(kind: MobileKind, uuids: readonly string[]): Promise<void> {
    await this.db.rows(
      `INSERT INTO neuroaid_id (kind, uuid, number)
       SELECT $1, uuid, nextval('neuroaid_id_number') FROM unnest($2::uuid[]) AS uuid ORDER BY uuid
       ON CONFLICT DO NOTHING`,
      [kind, uuids],
    );
  }

  /** Stores the number that an object had in the app's old system. @returns false if the object or the number is taken */
  async insert(kind: MobileKind, uuid: string, number: number): Promise<boolean> {
    const rows = await this.db.rows(
      `INSERT INTO neuroaid_id (kind, uuid, number) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING number`,
      [kind, uuid, number],
    );
    return rows.length === 1;
  }

  async remove(kind: MobileKind, uuid: string): Promise<void> {
    await this.rows.delete({ kind, uuid });
  }

  async findUuid(kind: MobileKind, number: number): Promise<string | null> {
    const row = await this.rows.findOneBy({ kind, number });
    return row?.uuid ?? null;
  }

  private get rows() {
    return this.db.repository(NeuroaidId);
  }
}
