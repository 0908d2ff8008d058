import { posix } from 'node:path';
import { isDateFormat } from './number-formats.js';
import { damaged, unreadable } from './unreadable.js';
import { parseXml, prefixed } from './xml-reader.js';
import type { XlsxZip } from './xlsx-zip.js';

export interface Workbook {
  /** The path of the first sheet that is not hidden. */
  sheetPath: string;
  sharedStringsPath: string | null;
  /** Whether dates count from 1904, as in files of old Excel for Mac. */
  is1904: boolean;
  /** The indexes of the cell formats that show numbers as dates or times. */
  dateStyles: ReadonlySet<number>;
}

interface Relation {
  type: string;
  path: string;
}

/** Reads what is common to all sheets. @throws DomainError VALIDATION_ERROR */
export async function readWorkbook(zip: XlsxZip): Promise<Workbook> {
  const root = await readRelations(zip, '');
  const workbookPath = findByType(root, 'officeDocument') ?? 'xl/workbook.xml';
  const relations = await readRelations(zip, workbookPath);
  const { sheetId, is1904 } = await readSheets(zip, workbookPath);
  const sheet = relations.get(sheetId);
  if (!sheet) throw damaged();
  const styles = findByType(relations, 'styles');
  return {
    sheetPath: sheet.path,
    sharedStringsPath: findByType(relations, 'sharedStrings'),
    is1904,
    dateStyles: styles && zip.has(styles) ? await readDateStyles(zip, styles) : new Set(),
  };
}

async function readSheets(zip: XlsxZip, path: string): Promise<{ sheetId: string; is1904: boolean }> {
  let is1904 = false;
  let sheetId: string | undefined;
  await parseXml(await zip.read(path), {
    open: (name, attributes) => {
      if (name === 'workbookPr') is1904 = isTrue(attributes.date1904);
      if (name === 'sheet' && (attributes.state ?? 'visible') === 'visible') sheetId ??= prefixed(attributes, 'id');
    },
  });
  if (sheetId === undefined) throw unreadable('has no visible sheet');
  return { sheetId, is1904 };
}

/** The relations of a part, by id. Targets are relative to the part's folder, or to the root if they begin with a slash. */
async function readRelations(zip: XlsxZip, part: string): Promise<Map<string, Relation>> {
  const folder = posix.dirname(part);
  const path = posix.join(folder, '_rels', `${posix.basename(part)}.rels`);
  const relations = new Map<string, Relation>();
  if (!zip.has(path)) throw damaged();
  await parseXml(await zip.read(path), {
    open: (name, { Id, Type, Target, TargetMode }) => {
      if (name !== 'Relationship' || !Id || !Target || TargetMode === 'External') return;
      const target = Target.startsWith('/') ? Target.slice(1) : posix.join(folder, Target);
      relations.set(Id, { type: Type ?? '', path: target });
    },
  });
  return relations;
}

/** The namespaces of the two variants of the standard end with the same word. */
const findByType = (relations: ReadonlyMap<string, Relation>, type: string): string | null =>
  [...relations.values()].find((relation) => relation.type.endsWith(`/${type}`))?.path ?? null;

async function readDateStyles(zip: XlsxZip, path: string): Promise<Set<number>> {
  const codes = new Map<number, string>();
  const formats: number[] = [];
  let isCellFormat = false;
  await parseXml(await zip.read(path), {
    open: (name, { numFmtId, formatCode }) => {
      if (name === 'cellXfs') isCellFormat = true;
      else if (name === 'numFmt') codes.set(Number(numFmtId), formatCode ?? '');
      else if (name === 'xf' && isCellFormat) formats.push(Number(numFmtId ?? 0));
    },
    close: (name) => {
      if (name === 'cellXfs') isCellFormat = false;
    },
  });
  return new Set(formats.flatMap((id, index) => (isDateFormat(id, codes.get(id)) ? [index] : [])));
}

const isTrue = (value: string | undefined): boolean => value === '1' || value === 'true';
