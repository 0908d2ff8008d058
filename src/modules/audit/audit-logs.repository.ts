import { Injectable } from '@nestjs/common';
import { ReplicaReads } from '../../core/database/replica-reads.js';
import { readPage, type Page, type BindValue } from '../../core/http/page.js';
import type { Actor } from '../../core/kernel/actor.js';
import type { AuditLogsQuery, AuditLogView } from './audit.dto.js';

const SORTS = { occurredAt: { column: 'l.occurred_at', type: 'timestamptz' } } as const;

/** Hand-written SQL: row comparison, and objects of other features in subqueries that use their indexes. */
@Injectable()
export class AuditLogsRepository {
  constructor(private readonly reads: ReplicaReads) {}

  list(actor: Actor, query: AuditLogsQuery): Promise<Page<AuditLogView>> {
    return readPage<AuditLogView>(this.reads, query, {
      select: (
        bind,
      ) => `l.id, l.occurred_at AS "occurredAt", l.action, l.clinic_id AS "clinicId", l.changes, l.ip, l.device,
              l.request_id AS "requestId", json_build_object('type', l.object_type, 'id', l.object_id) AS object,
              CASE WHEN l.actor_user_id IS NOT NULL THEN json_build_object('id', l.actor_user_id, 'role', l.actor_role, 'apiKeyId', l.api_key_id, 'name',
                (SELECT concat_ws(' ', u.first_name, u.last_name) FROM user_account u
                 WHERE u.id = l.actor_user_id AND u.deleted_at IS NULL AND ${knowsName(actor, bind)})) END AS actor,
              (SELECT json_build_object('day', k.day, 'position', k.position) FROM audit_link k WHERE k.audit_id = l.id) AS chain`,
      from: 'audit_log l',
      columns: SORTS,
      idColumn: 'l.id',
      where: (bind) => [...visibleTo(actor, bind), ...toConditions(query, bind)],
    });
  }
}

const visibleTo = (actor: Actor, bind: BindValue): string[] =>
  actor.role === 'ADMIN' ? [] : [`l.clinic_id = ANY(${bind(actor.clinicIds)}::uuid[])`];

const knowsName = (actor: Actor, bind: BindValue): string =>
  actor.role === 'ADMIN'
    ? 'true'
    : `EXISTS (SELECT FROM user_clinic w WHERE w.user_id = u.id AND w.clinic_id = ANY(${bind(actor.clinicIds)}::uuid[]))`;

function toConditions(query: AuditLogsQuery, bind: BindValue): string[] {
  const { actorId, apiKeyId, objectType, objectId, clientId, action, clinicId, from, to } = query;
  return [
    ...(actorId ? [`l.actor_user_id = ${bind(actorId)}::uuid`] : []),
    ...(apiKeyId ? [`l.api_key_id = ${bind(apiKeyId)}::uuid`] : []),
    ...(objectType ? [`l.object_type = ${bind(objectType)}`] : []),
    ...(objectId ? [`l.object_id = ${bind(objectId)}::uuid`] : []),
    ...(clientId ? [toPatientCondition(bind(clientId))] : []),
    ...(action ? [toActionCondition(action, bind)] : []),
    ...(clinicId ? [`l.clinic_id = ${bind(clinicId)}::uuid`] : []),
    ...(from ? [`l.occurred_at >= ${bind(from)}::timestamptz`] : []),
    ...(to ? [`l.occurred_at < ${bind(to)}::timestamptz`] : []),
  ];
}

const toActionCondition = (action: string, bind: BindValue): string =>
  action.endsWith('*') ? `starts_with(l.action, ${bind(action.slice(0, -1))})` : `l.action = ${bind(action)}`;

/** The record and those that were merged into it, also over several merges: all of them refer to the record that stayed. */
const selectRecords = (id: string): string =>
  `SELECT ${id}::uuid AS id UNION ALL SELECT d.id FROM client d WHERE d.merged_into_id = ${id}::uuid`;

/** Each part uses an index, so that a patient's rows are found without reading the log. */
const toPatientCondition = (id: string): string => `l.id IN (
  SELECT a.id FROM audit_log a
  WHERE a.changes ? 'clientIds' AND a.changes -> 'clientIds' ?| ARRAY(SELECT r.id::text FROM (${selectRecords(id)}) r)
  UNION ALL
  SELECT a.id FROM (
    SELECT 'client' AS type, r.id FROM (${selectRecords(id)}) r
    UNION ALL SELECT 'appointment', id FROM appointment WHERE client_id = ${id}::uuid
    UNION ALL SELECT 'scan', id FROM scan WHERE client_id = ${id}::uuid
    UNION ALL SELECT 'stroke_assessment', id FROM stroke_assessment WHERE client_id = ${id}::uuid
    UNION ALL SELECT 'user', user_id FROM client WHERE id = ${id}::uuid OR merged_into_id = ${id}::uuid
  ) o JOIN audit_log a ON a.object_type = o.type AND a.object_id = o.id)`;
