import { isRecord } from '../fields.js';

/** The UUID in BSON's binary subtypes 3 and 4. */
const UUID_SUBTYPES = new Set(['03', '3', '04', '4']);

/**
 * Decodes MongoDB's Extended JSON v2, canonical and relaxed: object ids become text, dates ISO texts, numbers numbers (integers that a
 * double cannot hold stay text).
 * Source: https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/
 */
export function decodeExtendedJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decodeExtendedJson);
  if (!isRecord(value)) return value;
  const decoded = decodeType(value);
  if (decoded !== undefined) return decoded;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, decodeExtendedJson(member)]));
}

/** @returns undefined for an object that is not a type of Extended JSON */
function decodeType(value: Record<string, unknown>): unknown {
  const names = Object.keys(value);
  const [name] = names;
  if (names.length !== 1 || !name?.startsWith('$')) return undefined;
  const content = value[name];
  switch (name) {
    case '$oid':
    case '$symbol':
    case '$uuid':
      return content;
    case '$date':
      return decodeDate(decodeExtendedJson(content));
    case '$numberInt':
    case '$numberLong':
    case '$numberDouble':
    case '$numberDecimal':
      return decodeNumber(String(content));
    case '$binary':
      return decodeBinary(content);
    case '$undefined':
      return null;
    default:
      return undefined;
  }
}

function decodeDate(content: unknown): unknown {
  if (typeof content !== 'number') return content;
  const date = new Date(content);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

function decodeNumber(text: string): number | string {
  const number = Number(text);
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? text : number;
}

function decodeBinary(content: unknown): unknown {
  if (!isRecord(content) || typeof content.base64 !== 'string') return undefined;
  const bytes = Buffer.from(content.base64, 'base64');
  if (!UUID_SUBTYPES.has(String(content.subType)) || bytes.length !== 16) return content.base64;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
