import type { FileBytes } from '../images/file-bytes.js';
import { broken, unusable, wrongType } from '../scan.errors.js';

/** A place in the file: the pixels of a data set. */
export interface PixelElement {
  /** Where its tag begins. */
  start: number;
  /** Where its value begins. */
  offset: number;
  /** Of its value; null where it is packed into fragments. */
  length: number | null;
  /** Where the element ends. */
  end: number;
}

const UNDEFINED = 0xffffffff;
const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
const PIXEL_DATA = new Set([0x7fe00010, 0x7fe00008, 0x7fe00009]);
const LONG_LENGTH = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);

const MOST_ELEMENTS = 50_000;
const MOST_DEPTH = 16;
/** All that is not pixels is parsed in memory. */
const MOST_HEADER_BYTES = 8 * 1024 * 1024;

interface Element {
  tag: number;
  vr: string;
  length: number;
  /** Where the value begins. */
  value: number;
  /** Its VR is UN: known to whoever wrote it only. */
  unknown: boolean;
}

/** A sequence or item that is open: where it ends, or null for one that ends with a delimiter. */
interface Open {
  end: number | null;
  isSequence: boolean;
  /** Whether what is in it names its VR. */
  explicit: boolean;
}

/**
 * Steps over every element up to the pixels and counts, before any parser that recurses or allocates gets to see the
 * file (PS3.5 section 7).
 * @throws DomainError UNPROCESSABLE_FILE for what is broken, too deep, too many, or has no pixels
 */
export async function findPixels(file: FileBytes, start: number, explicit: boolean): Promise<PixelElement> {
  const open: Open[] = [];
  let offset = start;
  for (let count = 0; count < MOST_ELEMENTS; count += 1) {
    while (open.length > 0 && open.at(-1)?.end === offset) open.pop();
    if (offset >= file.size) throw unusable('NO_PIXELS', 'The file holds no image.');
    if (offset - start > MOST_HEADER_BYTES)
      throw unusable('TOO_MANY_PARTS', 'The file holds too much beside its image.');
    const element = await elementAt(file, offset, open.at(-1)?.explicit ?? explicit);
    if (await hidesSequence(file, element)) element.vr = 'SQ';
    if (open.length === 0 && PIXEL_DATA.has(element.tag)) return pixelsOf(file, offset, element);
    offset = step(element, open, explicit);
    if (open.length > MOST_DEPTH) throw unusable('TOO_DEEP', 'The file is nested too deeply.');
    assertInside(offset, open, file.size);
  }
  throw unusable('TOO_MANY_PARTS', 'The file is made of too many elements.');
}

/** @returns where the next element begins: inside of what this one opens, or behind it */
function step({ tag, vr, length, value, unknown }: Element, open: Open[], explicit: boolean): number {
  if (tag === ITEM_END || tag === SEQUENCE_END) {
    const closed = open.pop();
    if (closed?.end !== null || closed.isSequence !== (tag === SEQUENCE_END)) throw broken();
    return value;
  }
  const isContainer = tag === ITEM || vr === 'SQ' || length === UNDEFINED;
  if (!isContainer) return value + length;
  const parent = open.at(-1);
  if ((tag === ITEM) !== (parent?.isSequence === true)) throw broken();
  const end = length === UNDEFINED ? null : value + length;
  // A sequence of VR UN is coded in implicit VR, with all that is in it (PS3.5 6.2.2, note 3).
  if (length !== 0) open.push({ end, isSequence: tag !== ITEM, explicit: (parent?.explicit ?? explicit) && !unknown });
  return value;
}

/** Where the VR does not say so: in implicit VR, and in UN. A parser would open it, so it counts here. */
async function hidesSequence(file: FileBytes, { vr, unknown, length, value }: Element): Promise<boolean> {
  if ((vr !== '' && !unknown) || length === UNDEFINED || length < 8) return false;
  const head = await file.at(value, 4);
  return head.readUInt16LE(0) === 0xfffe && head.readUInt16LE(2) === 0xe000;
}

function assertInside(offset: number, open: Open[], size: number): void {
  if (offset > size) throw broken();
  for (const { end } of open) if (end !== null && (offset > end || end > size)) throw broken();
}

export async function elementAt(file: FileBytes, offset: number, explicit: boolean): Promise<Element> {
  const head = await file.at(offset, 8);
  const tag = head.readUInt16LE(0) * 0x10000 + head.readUInt16LE(2);
  if (tag === ITEM || tag === ITEM_END || tag === SEQUENCE_END || !explicit) {
    return { tag, vr: '', length: head.readUInt32LE(4), value: offset + 8, unknown: false };
  }
  const vr = head.toString('latin1', 4, 6);
  if (!/^[A-Z]{2}$/.test(vr)) throw broken();
  if (!LONG_LENGTH.has(vr)) return { tag, vr, length: head.readUInt16LE(6), value: offset + 8, unknown: false };
  const length = (await file.at(offset + 8, 4)).readUInt32LE(0);
  return { tag, vr, length, value: offset + 12, unknown: vr === 'UN' };
}

/**
 * Behind the pixels there may be padding and signatures, as elements of their own. Anything else makes it two files in
 * one: a ZIP, for one, is read from its end.
 * @throws DomainError UNSUPPORTED_MEDIA_TYPE
 */
export async function assertNothingBehind(file: FileBytes, end: number, explicit: boolean): Promise<void> {
  for (let offset = end; offset < file.size;) {
    const element = await elementAt(file, offset, explicit).catch(() => null);
    const next = element && element.length !== UNDEFINED ? element.value + element.length : NaN;
    const isLater = element !== null && element.tag > 0x7fe00010 && element.tag !== ITEM;
    if (isLater && next <= file.size) offset = next;
    else if (file.size - offset === 1 && (await file.at(offset, 1))[0] === 0) return;
    else throw wrongType('Something else follows the image in the same file.');
  }
}

async function pixelsOf(file: FileBytes, start: number, { length, value }: Element): Promise<PixelElement> {
  if (length !== UNDEFINED) {
    if (value + length > file.size) throw broken();
    return { start, offset: value, length, end: value + length };
  }
  return { start, offset: value, length: null, end: await endOfFragments(file, value) };
}

async function endOfFragments(file: FileBytes, start: number): Promise<number> {
  let offset = start;
  for (let count = 0; count < MOST_ELEMENTS; count += 1) {
    const { tag, length, value } = await elementAt(file, offset, false);
    if (tag === SEQUENCE_END) return value;
    if (tag !== ITEM || length === UNDEFINED) throw broken();
    offset = value + length;
  }
  throw unusable('TOO_MANY_PARTS', 'The image is made of too many fragments.');
}
