import type { ClientBase, Pool } from 'pg';

/** Everything that a migration can create, by kind and name, with its definition in PostgreSQL's system tables. */
export type SchemaObjects = Map<string, string>;

/** Objects of the schema `public` that belong to no extension. */
export async function readSchemaObjects(db: ClientBase | Pool): Promise<SchemaObjects> {
  const { rows } = await db.query<{ name: string; definition: string }>(SCHEMA_OBJECTS);
  return new Map(rows.map(({ name, definition }) => [name, definition]));
}

const SCHEMA_OBJECTS = `
  WITH relation AS (
    SELECT oid, relname, relkind, relispartition, reloptions FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_class.oid AND d.refobjid <> d.objid AND d.deptype IN ('e', 'i')))
  SELECT kind || ' ' || name AS name, coalesce(definition, '') AS definition FROM (
    SELECT CASE WHEN relispartition THEN 'partition' WHEN relkind IN ('r', 'p') THEN 'table' WHEN relkind = 'S' THEN 'sequence' ELSE 'view' END AS kind,
           relname AS name,
           CASE relkind WHEN 'v' THEN pg_get_viewdef(oid) WHEN 'm' THEN pg_get_viewdef(oid) WHEN 'p' THEN pg_get_partkeydef(oid)
             WHEN 'S' THEN (SELECT concat_ws(' ', s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcycle)
                            FROM pg_sequence s WHERE s.seqrelid = relation.oid) END AS definition
      FROM relation
    UNION ALL SELECT 'storage options', relname, reloptions::text FROM relation WHERE reloptions IS NOT NULL
    UNION ALL SELECT 'column', r.relname || '.' || a.attname,
           concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END,
             'identity ' || nullif(a.attidentity::text, ''), 'generated ' || nullif(a.attgenerated::text, ''),
             -- PostgreSQL keeps the quotes that TypeORM puts around a bigint.
             'default ' || regexp_replace(pg_get_expr(d.adbin, d.adrelid), '^''(\\d+)''::bigint$', '\\1'),
             (SELECT 'collation ' || c.collname FROM pg_collation c WHERE c.oid = a.attcollation AND c.collname <> 'default'))
      FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum WHERE r.relkind IN ('r', 'p')
    UNION ALL SELECT 'constraint', r.relname || '.' || c.conname, pg_get_constraintdef(c.oid)
      FROM relation r JOIN pg_constraint c ON c.conrelid = r.oid AND c.contype NOT IN ('n', 't')
    UNION ALL SELECT 'index', i.relname, replace(pg_get_indexdef(i.oid), ' ON ONLY ', ' ON ') || CASE WHEN x.indisvalid THEN '' ELSE ' INVALID' END
      FROM relation r JOIN pg_index x ON x.indrelid = r.oid JOIN pg_class i ON i.oid = x.indexrelid
    UNION ALL SELECT 'trigger', r.relname || '.' || t.tgname, pg_get_triggerdef(t.oid)
      FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal
    UNION ALL SELECT 'function', p.oid::regprocedure::text, pg_get_functiondef(p.oid)
      FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prokind IN ('f', 'p')
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    UNION ALL SELECT 'type', t.typname, t.typtype::text FROM pg_type t
      WHERE t.typnamespace = 'public'::regnamespace AND t.typrelid = 0 AND t.typelem = 0
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = t.oid AND d.deptype IN ('e', 'i'))
    UNION ALL SELECT 'extension', extname, NULL FROM pg_extension
  ) AS object ORDER BY 1`;

/** Returns the names of objects that only one of the two has, or whose definitions differ. */
export function differences(one: SchemaObjects, other: SchemaObjects): string[] {
  const names = new Set([...one.keys(), ...other.keys()]);
  return [...names].filter((name) => one.get(name) !== other.get(name)).sort();
}
