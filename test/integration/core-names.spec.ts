import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import ts from 'typescript';

/** Names of features that files of core may contain, with the reason. */
const EXCEPTIONS: { file: string; names: string[]; reason: string }[] = [
  {
    file: 'src/core/database/pg-listener.ts',
    names: ['notification'],
    reason: 'the event of the PostgreSQL client, not the table of messages',
  },
  {
    file: 'src/core/security/live-sessions.ts',
    names: ['client'],
    reason: 'the field of a change, for the patient record of the actor',
  },
];

const read = (file: string): string => readFileSync(file, 'utf8');

const findAll = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name = '']) => name);

const list = (folder: string, ending: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending) && !file.endsWith('.spec.ts'))
    .map((file) => `${folder}/${file}`);

const MODULES = list('src/modules', '.ts').map(read);

/** The tables of the entities of features that ormconfig.ts lists. */
const TABLES = findAll(read('ormconfig.ts'), /from '\.\/(src\/modules\/[\w/.-]+)\.js'/g).flatMap((file) =>
  findAll(read(`${file}.ts`), /@Entity\('(\w+)'/g),
);

const ERROR_CODES = MODULES.flatMap((text) => findAll(text, /registerErrorCodes\(\{([^}]*)\}/g)).flatMap((codes) =>
  findAll(codes, /(\w+):/g),
);

const QUEUES = MODULES.flatMap((text) => findAll(text, /\.registerQueue\(([^)]*)\)/g))
  .flatMap((options) => findAll(options, /name: (\w+)/g))
  .flatMap((constant) => MODULES.flatMap((text) => findAll(text, new RegExp(`const ${constant} = '([^']+)'`, 'g'))));

/** The paths of the routes in a folder without the prefix of the API, such as `clinics/:id/closures`. */
function readRoutes(folder: string): string[] {
  const controllers = list(folder, '.controller.ts').flatMap((file) => read(file).split('@Controller(').slice(1));
  return controllers.flatMap((text) => {
    const [prefix = ''] = findAll(text, /^(?:mobilePaths\()?'([^']*)'/g);
    const handlers = findAll(text, /@(?:Get|Post|Put|Patch|Delete|All)\((?:'([^']*)')?/g);
    return ['', ...handlers].map((path) => `${prefix}/${path}`.replace(/^api\/v1\/?/, '').replace(/^\/|\/$/g, ''));
  });
}

const firstSegment = (route: string): string => route.split('/')[0] ?? '';

/** The routes up to their first parameter. */
const ROUTES = [...new Set(readRoutes('src/modules').map((route) => route.replace(/\/?:.*$/, '')))].filter(Boolean);
const OWN_SEGMENTS = readRoutes('src/core').map(firstSegment);
const SEGMENTS = [...new Set(ROUTES.map(firstSegment))].filter((segment) => !OWN_SEGMENTS.includes(segment));

/** The longest first, since the first alternative that fits is found. */
const anyOf = (names: string[]): string => `(${names.toSorted((a, b) => b.length - a.length).join('|')})`;
const isWord = (name: string): boolean => !name.includes('_') && !name.includes('-');

/** Names that are no words of English, anywhere in a file, also in comments. */
const ANYWHERE = new RegExp(`\\b${anyOf([...ERROR_CODES, ...TABLES.filter((table) => !isWord(table))])}\\b`, 'g');
const TABLE_IN_SQL = new RegExp(`\\b(?:FROM|JOIN|INTO|UPDATE|ONLY|TABLE|ON|USING)\\s+"?${anyOf(TABLES)}\\b`, 'g');
/** A path such as `/clinics` or `/api/v1/clinics/7`, but not a relative path of a file. */
const SEGMENT = new RegExp(`(?<![\\w.*])/(?:api/(?:v1/|main/)?)?${anyOf(SEGMENTS)}(?=[/'"\`?\\s])`, 'g');
/** A path of several segments, also without the first slash or the prefix of the API. */
const ROUTE = new RegExp(
  `(?<![\\w./-])/?(?:api/(?:v1/|main/)?)?${anyOf(ROUTES.filter((route) => route.includes('/')))}(?![\\w-])`,
  'g',
);

function readStrings(file: string, text: string): string[] {
  const strings: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) return;
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      strings.push(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return strings;
}

/** The tables, routes, queues and error codes of features in a source file. */
function findNames(file: string, text: string): string[] {
  const strings = readStrings(file, text);
  const names = [
    ...findAll(text, ANYWHERE),
    ...findAll(text, SEGMENT),
    ...findAll(text, ROUTE),
    ...strings.flatMap((string) => findAll(string, TABLE_IN_SQL)),
    ...strings.filter((string) => TABLES.includes(string) || QUEUES.includes(string)),
  ];
  return [...new Set(names)].sort();
}

test('no file of core contains the name of a table, route, queue or error code of a feature', () => {
  const files = list('src/core', '.ts');
  expect(files.length).toBeGreaterThan(150);
  const found = files.flatMap((file) => {
    const allowed = EXCEPTIONS.filter((exception) => exception.file === file).flatMap(({ names }) => names);
    return findNames(file, read(file)).flatMap((name) => (allowed.includes(name) ? [] : [`${file}: ${name}`]));
  });
  expect(found).toEqual([]);
});

test('the names of the features are known', () => {
  expect(TABLES).toHaveLength(findAll(read('ormconfig.ts'), /from '\.\/(src\/modules)/g).length);
  expect(TABLES).toEqual(expect.arrayContaining(['appointment', 'consent', 'ledger_entry']));
  expect(ROUTES).toEqual(expect.arrayContaining(['auth/mfa/setup', 'auth/login', 'clinics']));
  expect(QUEUES).toEqual(expect.arrayContaining(['deliveries', 'reminders', 'scan-analysis', 'imports']));
  expect(ERROR_CODES).toEqual(expect.arrayContaining(['INVALID_CREDENTIALS', 'MFA_REQUIRED', 'APPOINTMENT_CONFLICT']));
});

test.each([
  ['a table in an array', `const TABLES = ['audit_log', 'consent'];`, ['consent']],
  ['a table in a statement', 'db.query(`SELECT 1 FROM session WHERE id = ${id}`);', ['session']],
  ['a table in a comment', '// as in ledger_entry', ['ledger_entry']],
  ['a route in a message', `'Set it up first: POST /auth/mfa/setup.'`, ['auth', 'auth/mfa/setup']],
  ['a route without its first slash', `post('auth/login', {})`, ['auth/login']],
  ['a path of the API', `fetch('/api/v1/clinics/7')`, ['clinics']],
  ['a queue', `queues.get('scan-analysis')`, ['scan-analysis']],
  ['an error code', `const STATUS = { CSRF_FAILED: 403 };`, ['CSRF_FAILED']],
  ['names of core', `import '../config/config.js'; const session = get('/api/v1/ops/queue-board'); // a client`, []],
])('finds %s', (_case, text, names) => {
  expect(findNames('example.ts', text)).toEqual(names);
});
