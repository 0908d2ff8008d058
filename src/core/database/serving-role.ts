import { escapeIdentifier, escapeLiteral } from 'pg';

/** A connection, of pg or of TypeORM's query runner. */
interface Connection {
  query(text: string, values?: unknown[]): Promise<unknown>;
}

/** Tables that only migrations write. */
const READ_ONLY = ['migration', 'migration_mark'];

/**
 * Grants a role the privileges that the API and workers need on the tables of this connection's role: to read and write rows, only to
 * add rows to the append-only tables, and to read the list of migrations. A table is append-only if its migration has created the
 * trigger `<table>_append_only`. Does nothing if the role does not exist or is the role of the connection. One statement, so that
 * other sessions never see some of the privileges without the others.
 */
export async function grantToServingRole(connection: Connection, role: string): Promise<void> {
  const name = escapeIdentifier(role);
  const literal = escapeLiteral(role);
  const revokeWrites = READ_ONLY.map(
    (table) =>
      `IF to_regclass('${table}') IS NOT NULL THEN REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ${table} FROM ${name}; END IF;`,
  ).join('\n');
  await connection.query(`
    DO $grants$
    DECLARE owned record;
    BEGIN
      IF current_user = ${literal} OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal}) THEN RETURN; END IF;
      GRANT USAGE ON SCHEMA public TO ${name};
      FOR owned IN
        SELECT c.oid::regclass AS relation, c.relkind,
          EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = c.relname || '_append_only') AS append_only
        FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S') AND c.relowner = current_user::regrole
      LOOP
        IF owned.relkind = 'S' THEN
          EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE %s TO ${name}', owned.relation);
        ELSE
          EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO ${name}', owned.relation);
        END IF;
        IF owned.append_only THEN
          EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM ${name}', owned.relation);
        END IF;
      END LOOP;
      IF to_regprocedure('create_next_partition(int)') IS NOT NULL THEN
        GRANT EXECUTE ON FUNCTION create_next_partition(int), default_partition_rows() TO ${name};
      END IF;
      ${revokeWrites}
    END $grants$`);
}
