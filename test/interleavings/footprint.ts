import type { Pool } from 'pg';

/**
 * What a statement does to a table, for the question whether two neighbouring statements of different sessions could have been
 * exchanged. READ sees only what is committed; SHARE and WRITE lock.
 */
export type Access = 'READ' | 'SHARE' | 'WRITE';

export type Footprint = ReadonlyMap<string, Access>;

/** Each request writes only rows with new ids of its own there: two writes never influence each other. */
const OWN_ROWS = new Set(['audit_log', 'outbox', 'appointment_note_change', 'bulk_change', 'bulk_change_visit']);

const MENTIONS = /\b(FROM|JOIN|USING|INTO|UPDATE|OF|TABLE)\s+"?([a-z_]+)"?/gi;
const WRITES = /\b(INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+"?([a-z_]+)"?/gi;

/** The tables of the schema, what triggers write besides, and what foreign keys lock. */
export class Schema {
  private readonly cache = new Map<string, Footprint>();

  private constructor(
    private readonly tables: ReadonlySet<string>,
    private readonly triggers: ReadonlyMap<string, string>,
    private readonly parents: ReadonlyMap<string, readonly string[]>,
  ) {}

  static async read(db: Pool): Promise<Schema> {
    const tables = await db.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')`,
    );
    const triggers = await db.query<{ name: string; source: string }>(
      `SELECT t.tgrelid::regclass::text AS name, string_agg(p.prosrc, ' ') AS source
       FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal GROUP BY 1`,
    );
    const parents = await db.query<{ name: string; parents: string[] }>(
      `SELECT conrelid::regclass::text AS name, array_agg(confrelid::regclass::text) AS parents
       FROM pg_constraint WHERE contype = 'f' GROUP BY 1`,
    );
    return new Schema(
      new Set(tables.rows.map(({ name }) => name)),
      new Map(triggers.rows.map(({ name, source }) => [name, source])),
      new Map(parents.rows.map((row) => [row.name, row.parents])),
    );
  }

  /** What a statement reads, locks and writes; an unknown form counts as more than it is. */
  footprint(text: string): Footprint {
    const known = this.cache.get(text);
    if (known) return known;
    const found = new Map<string, Access>();
    const locks = /\bFOR (UPDATE|NO KEY UPDATE|SHARE|KEY SHARE)\b/.exec(text);
    const mode: Access = !locks ? 'READ' : locks[1]?.endsWith('SHARE') ? 'SHARE' : 'WRITE';
    for (const name of this.mentioned(text, MENTIONS)) add(found, name, mode);
    if (text.includes('pg_advisory') || text.includes('pg_try_advisory')) add(found, ' advisory', 'WRITE');
    this.addWrites(found, text, new Set());
    this.cache.set(text, found);
    return found;
  }

  private addWrites(found: Map<string, Access>, text: string, seen: Set<string>): void {
    for (const name of this.mentioned(text, WRITES)) {
      add(found, name, 'WRITE');
      if (seen.has(name)) continue;
      seen.add(name);
      if (!/^DELETE/i.test(text)) for (const parent of this.parents.get(name) ?? []) add(found, parent, 'SHARE');
      const trigger = this.triggers.get(name);
      if (!trigger) continue;
      for (const read of this.mentioned(trigger, MENTIONS)) add(found, read, 'READ');
      this.addWrites(found, trigger, seen);
    }
  }

  private mentioned(text: string, pattern: RegExp): string[] {
    return [...text.matchAll(pattern)].flatMap(([, , name = '']) => (this.tables.has(name) ? [name] : []));
  }
}

const RANK: Record<Access, number> = { READ: 0, SHARE: 1, WRITE: 2 };

export function add(footprint: Map<string, Access>, table: string, access: Access): void {
  const known = footprint.get(table);
  if (!known || RANK[known] < RANK[access]) footprint.set(table, access);
}

/**
 * A step of a session: a statement with what it can influence. A write becomes visible to reads when its transaction commits, so
 * `publishes` is empty until then.
 */
export interface Step {
  footprint: Footprint;
  /** Written tables that this step makes visible, by a commit or without a transaction. */
  publishes: ReadonlySet<string>;
}

/** Whether the order of two steps of different sessions can matter. */
export const dependent = (a: Step, b: Step): boolean => influences(a, b) || influences(b, a);

function influences(a: Step, b: Step): boolean {
  for (const [table, access] of a.footprint) {
    const other = b.footprint.get(table);
    if (!other || (OWN_ROWS.has(table) && access === 'WRITE' && other === 'WRITE')) continue;
    if (access === 'READ' ? b.publishes.has(table) : access === 'WRITE' ? other !== 'READ' : other === 'WRITE')
      return true;
  }
  return false;
}
