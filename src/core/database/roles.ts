import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { loadRolesConfig } from '../config/database-config.js';
import { printError } from '../logging/print-error.js';
import { grantToServingRole } from './serving-role.js';

interface RolesOptions {
  /** Connects as an administrator: a superuser, or a role with CREATEROLE that owns the database. */
  databaseUrl: string;
  owner: { role: string; password: string };
  app: { role: string; password: string };
}

/**
 * Creates the two roles of an installation, or changes the passwords of existing roles. The owner owns the database and its tables
 * and runs the migrations. The serving role is for the API and workers: it reads and writes rows, but cannot change the schema, and
 * cannot change or delete audit rows. Can be run again, also on a database that was used with a single role.
 */
export async function createRoles({ databaseUrl, owner, app }: RolesOptions): Promise<void> {
  const db = new Client({ connectionString: databaseUrl });
  await db.connect();
  try {
    await db.query('BEGIN');
    for (const { role, password } of [owner, app]) await ensureRole(db, role, password);
    await transferDatabase(db, owner.role, app.role);
    await transferSchemas(db, owner.role);
    for (const statement of await ownershipStatements(db, owner.role)) await db.query(statement);
    await db.query(`SET LOCAL ROLE ${escapeIdentifier(owner.role)}`);
    await grantToServingRole(db, app.role);
    await db.query('COMMIT');
  } finally {
    await db.end();
  }
}

async function ensureRole(db: Client, role: string, password: string): Promise<void> {
  const name = escapeIdentifier(role);
  const { rows } = await db.query<{ isAdministrator: boolean }>(
    `SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls AS "isAdministrator" FROM pg_roles WHERE rolname = $1`,
    [role],
  );
  if (rows[0]?.isAdministrator)
    throw new Error(`The role ${role} exists and is an administrator: choose another name.`);
  if (!rows[0]) await db.query(`CREATE ROLE ${name}`);
  await db.query(`ALTER ROLE ${name} LOGIN PASSWORD ${escapeLiteral(scramVerifier(password))}`);
}

async function transferDatabase(db: Client, owner: string, app: string): Promise<void> {
  const { rows } = await db.query<{ name: string; user: string }>(
    'SELECT current_database() AS name, current_user AS "user"',
  );
  const database = escapeIdentifier(rows[0]?.name ?? '');
  const administrator = escapeIdentifier(rows[0]?.user ?? '');
  const ownerName = escapeIdentifier(owner);
  // Only a member of a role may make it an owner.
  await db.query(`GRANT ${ownerName} TO ${administrator}`);
  await db.query(`ALTER DATABASE ${database} OWNER TO ${ownerName}`);
  await db.query(`ALTER SCHEMA public OWNER TO ${ownerName}`);
  await db.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  await db.query(`REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
  await db.query(`GRANT CONNECT ON DATABASE ${database} TO ${escapeIdentifier(app)}`);
}

/** The schemas of partitions, if the database is migrated. */
async function transferSchemas(db: Client, owner: string): Promise<void> {
  const { rows } = await db.query<{ name: string }>(
    `SELECT nspname AS name FROM pg_namespace WHERE nspname IN ('partitions', 'archive')`,
  );
  for (const { name } of rows) await db.query(`ALTER SCHEMA ${name} OWNER TO ${escapeIdentifier(owner)}`);
}

/** Statements that make the owner own all tables, routines and types, except those that belong to an extension or a column. */
async function ownershipStatements(db: Client, owner: string): Promise<string[]> {
  const { rows } = await db.query<{ statement: string }>(
    `SELECT format('ALTER %s %s OWNER TO %I', kind, name, $1::text) AS statement FROM (
       SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END AS kind,
              oid::regclass::text AS name, oid, relowner AS owner
       FROM pg_class WHERE relnamespace = ANY (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'partitions', 'archive'))
         AND relkind IN ('r', 'p', 'v', 'm', 'S')
       UNION ALL
       SELECT 'ROUTINE', oid::regprocedure::text, oid, proowner FROM pg_proc WHERE pronamespace = 'public'::regnamespace
       UNION ALL
       SELECT 'TYPE', oid::regtype::text, oid, typowner FROM pg_type
       WHERE typnamespace = 'public'::regnamespace AND typrelid = 0 AND typelem = 0 AND typtype IN ('e', 'd', 'r')
     ) AS object
     WHERE owner <> $1::regrole
       -- A sequence depends on its column; a partition on its table, and a partitioned table on its own columns.
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = object.oid AND d.refobjid <> d.objid
                       AND (d.deptype IN ('e', 'i') OR d.deptype = 'a' AND d.refobjsubid > 0))`,
    [owner],
  );
  return rows.map(({ statement }) => statement);
}

const SCRAM_ITERATIONS = 4096;

/** The verifier that PostgreSQL stores for a password (RFC 5803). With it, no statement and no log contains the password. */
function scramVerifier(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, SCRAM_ITERATIONS, 32, 'sha256');
  const hmac = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  const serverKey = hmac('Server Key').toString('base64');
  return `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const config = loadRolesConfig();
    await createRoles({
      databaseUrl: config.DATABASE_URL,
      owner: { role: config.DATABASE_OWNER_ROLE, password: config.DATABASE_OWNER_PASSWORD },
      app: { role: config.DATABASE_APP_ROLE, password: config.DATABASE_APP_PASSWORD },
    });
    process.stdout.write(
      `Roles ready: ${config.DATABASE_OWNER_ROLE} (migrates), ${config.DATABASE_APP_ROLE} (serves)\n`,
    );
  } catch (error) {
    printError(error);
    process.exitCode = 1;
  }
}
