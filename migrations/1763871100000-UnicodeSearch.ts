import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Search folds by Unicode instead of by the cluster's locale; the locale C has no letters except those of ASCII. The
 * columns that the function generates are generated again from their texts; nothing else changes. Tables
 * are rewritten under an exclusive lock: a minute or so for a million rows.
 */
export class UnicodeSearch1763871100000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query('SET LOCAL statement_timeout = 0');
    for (const statement of DROP) await db.query(statement);
    await db.query('DROP INDEX IF EXISTS doctor_speciality');
    await db.query(folding(await unicodeCollation(db)));
    for (const statement of MAKE) await db.query(statement);
    await db.query('CREATE INDEX doctor_speciality ON doctor (search_fold(speciality), id)');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('SET LOCAL statement_timeout = 0');
    for (const statement of DROP) await db.query(statement);
    await db.query('DROP INDEX IF EXISTS doctor_speciality');
    await db.query(FOLDING_BEFORE);
    for (const statement of MAKE) await db.query(statement);
    await db.query('CREATE INDEX doctor_speciality ON doctor (lower(speciality), id)');
  }
}

/** PostgreSQL 17 brings its own; before that it is ICU's, which every usual build has. */
async function unicodeCollation(db: QueryRunner): Promise<string> {
  const [found] = (await db.query(
    `SELECT collname AS name FROM pg_collation WHERE collname IN ('pg_c_utf8', 'und-x-icu')
       AND collencoding IN (-1, pg_char_to_encoding(getdatabaseencoding())) ORDER BY collname <> 'pg_c_utf8' LIMIT 1`,
  )) as { name: string }[];
  if (!found) throw new Error('This PostgreSQL has no Unicode collation: it must be version 17, or be built with ICU.');
  return found.name;
}

/** Vowel signs and other marks that are often left out, and characters that are not seen. */
const STRIPPED = [
  '\\u00AD\\u0300-\\u036F\\u0483-\\u0489',
  // Hebrew points, Arabic marks, lone hamza, tatweel
  '\\u0591-\\u05BD\\u05BF\\u05C1\\u05C2\\u05C4\\u05C5\\u05C7\\u0610-\\u061A\\u061C\\u0621\\u0640\\u064B-\\u065F\\u0670',
  '\\u06D6-\\u06DC\\u06DF-\\u06E4\\u06E7\\u06E8\\u06EA-\\u06ED\\u08CA-\\u08E1\\u08E3-\\u08FF',
  // nukta of the Indic scripts
  '\\u093C\\u09BC\\u0A3C\\u0ABC\\u0B3C',
  '\\u1AB0-\\u1ACE\\u1DC0-\\u1DFF\\u20D0-\\u20F0\\uFE00-\\uFE0F\\uFE20-\\uFE2F',
  // joiners, bidirectional marks, zero-width blanks
  '\\u115F\\u1160\\u180B-\\u180F\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0',
].join('');

/** Letters that are typed for one another, each with the one that stands for it. */
const SAME: readonly [string, string][] = [
  ['ٱٲٳ', 'ا'],
  ['ىیێېےؠۍ', 'ي'],
  ['کڪ', 'ك'],
  ['ةہھەۃ', 'ه'],
  ['ۆۇۋ', 'و'],
  ['ں', 'ن'],
  ['ς', 'σ'],
  ['ı', 'i'],
  ['ँ', 'ं'],
  ['ך', 'כ'],
  ['ם', 'מ'],
  ['ן', 'נ'],
  ['ף', 'פ'],
  ['ץ', 'צ'],
  ['،؛؟۔।॥։՝՞՛', ' '],
  ['ʾʿʼʻ', "'"],
  ...Array.from({ length: 10 }, (_, digit): [string, string] => [
    [0x660, 0x6f0, 0x966, 0x9e6].map((zero) => String.fromCodePoint(zero + digit)).join(''),
    String(digit),
  ]),
];

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const [FROM, TO] = [
  SAME.map(([letters]) => letters).join(''),
  SAME.map(([letters, one]) => one.repeat([...letters].length)).join(''),
];

/**
 * Compatibility forms are taken apart, marks and invisible characters dropped, Latin letters brought to ASCII where
 * `unaccent` knows how, everything to lower case, and interchangeable letters to one. The Armenian ligature of ech and
 * yiwn is written with vew in capitals.
 */
const folding = (collation: string): string => `
  CREATE OR REPLACE FUNCTION search_fold(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT translate(
      replace(
        lower(
          public.unaccent('public.unaccent'::regdictionary,
            regexp_replace(normalize(value, NFKD), '[${STRIPPED}]', '', 'g')) COLLATE "${collation}"),
        'եւ', 'եվ'),
      ${quoted(FROM)}, ${quoted(TO)})
  $$`;

const FOLDING_BEFORE = `CREATE OR REPLACE FUNCTION search_fold(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
     SELECT translate(
       regexp_replace(lower(public.unaccent('public.unaccent'::regdictionary, normalize(value, NFKC))),
                      '[\\u0640\\u064B-\\u065F\\u0670]', '', 'g'),
       'أإآٱىةؤئ', 'اااايهوي')
   $$`;

const DROP = [
  'ALTER TABLE user_account DROP COLUMN search',
  'ALTER TABLE doctor DROP COLUMN search',
  'ALTER TABLE faq DROP COLUMN search, DROP COLUMN question_search',
];

const MAKE = [
  `ALTER TABLE user_account ADD COLUMN search tsvector GENERATED ALWAYS AS (
     to_tsvector('simple', search_fold(first_name || ' ' || last_name || ' ' || coalesce(email, '')))) STORED`,
  'CREATE INDEX user_account_search ON user_account USING gin (search)',
  `ALTER TABLE doctor ADD COLUMN search tsvector GENERATED ALWAYS AS (
     setweight(to_tsvector('simple', search_fold(first_name || ' ' || last_name)), 'A') ||
     setweight(to_tsvector('simple', search_fold(speciality)), 'B') ||
     setweight(to_tsvector('simple', search_fold(coalesce(bio, ''))), 'C')) STORED`,
  'CREATE INDEX doctor_search ON doctor USING gin (search)',
  `ALTER TABLE faq
     ADD COLUMN question_search tsvector GENERATED ALWAYS AS (to_tsvector('simple', search_fold(question))) STORED,
     ADD COLUMN search tsvector GENERATED ALWAYS AS (
       setweight(to_tsvector('simple', search_fold(question)), 'A') ||
       setweight(to_tsvector('simple', search_fold(coalesce(category, ''))), 'B') ||
       setweight(to_tsvector('simple', search_fold(answer)), 'C')) STORED`,
  'CREATE INDEX faq_search ON faq USING gin (search)',
];
