import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { byCreation, readPage, type Page } from '../../core/http/page.js';
import { lockSchedule } from '../clinics/index.js';
import { Resource } from './resource.entity.js';
import type { ResourcesQuery, ResourceView } from './resources.dto.js';

const RESOURCE_COLUMNS = `r.id, r.clinic_id AS "clinicId", r.kind, r.name, r.is_active AS "isActive", r.version`;

const SORTS = { createdAt: byCreation('r.id'), name: { column: 'r.name', type: 'text' } } as const;

/**
 * Reads are hand-written SQL: views and lists share their columns, lists continue after a cursor, and doctors and reservations
 * belong to other features.
 */
@Injectable()
export class ResourcesRepository {
  constructor(private readonly db: Database) {}

  find(id: string): Promise<ResourceView | null> {
    return this.db.row<ResourceView>(
      `SELECT ${RESOURCE_COLUMNS} FROM resource r WHERE r.id = $1 AND r.deleted_at IS NULL`,
      [id],
    );
  }

  /** The doctor's own resource, which appointments with the doctor reserve. */
  findByDoctor(doctorId: string): Promise<ResourceView | null> {
    return this.db.row<ResourceView>(
      `SELECT ${RESOURCE_COLUMNS} FROM doctor d JOIN resource r ON r.id = d.resource_id
       WHERE d.id = $1 AND d.deleted_at IS NULL`,
      [doctorId],
    );
  }

  async lock(id: string): Promise<Resource | null> {
    await lockSchedule(this.db, 'resource', id);
    return this.db.repository(Resource).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  async insert(resource: Partial<Resource> & { id: string }): Promise<void> {
    await this.db.repository(Resource).insert(resource);
  }

  async save(resource: Resource): Promise<void> {
    const { id, ...columns } = resource;
    await this.db.repository(Resource).update({ id }, columns);
  }

  async belongsToDoctor(id: string): Promise<boolean> {
    return (await this.db.row(`SELECT 1 AS one FROM doctor WHERE resource_id = $1`, [id])) !== null;
  }

  async isReservedAfter(id: string, instant: Date): Promise<boolean> {
    const row = await this.db.row(
      `SELECT 1 AS one FROM reservation WHERE resource_id = $1 AND active AND during && tstzrange($2, NULL)
         AND (expires_at IS NULL OR expires_at > $2) LIMIT 1`,
      [id, instant.toISOString()],
    );
    return row !== null;
  }

  /** @param scope the clinics whose resources may be seen; null for all */
  list(scope: readonly string[] | null, query: ResourcesQuery): Promise<Page<ResourceView>> {
    return readPage<ResourceView>(this.db, query, {
      select: RESOURCE_COLUMNS,
      from: 'resource r',
      columns: SORTS,
      idColumn: 'r.id',
      where: (bind) => [
        'r.deleted_at IS NULL',
        ...(scope ? [`r.clinic_id = ANY (${bind(scope)}::uuid[])`] : []),
        ...(query.clinicId ? [`r.clinic_id = ${bind(query.clinicId)}::uuid`] : []),
        ...(query.kind ? [`r.kind = ${bind(query.kind)}`] : []),
      ],
    });
  }
}
