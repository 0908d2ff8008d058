import type { FileBytes } from '../images/file-bytes.js';
import { broken, isBroken, unusable } from '../scan.errors.js';
import { isVr, type Dictionary } from './dictionary.js';
import {
  ITEM,
  ITEM_END,
  readHeader,
  SEQUENCE_END,
  tagName,
  UNDEFINED_LENGTH,
  type ElementHeader,
} from './element-header.js';
import type { DicomDataset, DicomElement } from './elements.js';
import type { DicomNote } from './notes.js';

/** The position of the pixels in the file. */
export interface PixelElement {
  tag: string;
  vr: string;
  /** The offset of the value. */
  offset: number;
  /** The length of the value; null if it consists of fragments. */
  length: number | null;
  /** The end of the value, before the delimiter of fragments. */
  end: number;
}

export interface ParsedFile {
  /** All attributes of the top level except the pixels. Only those of KEPT_GROUPS have values. */
  dataset: DicomDataset;
  pixels: PixelElement;
  /** The end of the last element. */
  end: number;
}

const PIXEL_DATA = new Set([0x7fe00010, 0x7fe00008, 0x7fe00009]);
/** The groups whose values are kept. Of other groups only the structure is read. */
const KEPT_GROUPS = new Set([0x0008, 0x0010, 0x0012, 0x0018, 0x0020, 0x0028, 0x0054, 0x2050, 0x5200]);

const MAX_ELEMENTS = 50_000;
const MAX_DEPTH = 16;
const MAX_VALUE_BYTES = 8 * 1024 * 1024;
const EMPTY = Buffer.alloc(0);

/** How to read a data set or an item. */
interface Scope {
  explicit: boolean;
  /** The end of the innermost container of known length, or of the file. */
  limit: number;
  depth: number;
  /** Whether to keep values. */
  keepsValues: boolean;
}

/**
 * Parses a data set (PS3.5 section 7) as tolerantly as common readers, with limits on depth, elements and bytes. Notes deviations
 * from the standard.
 */
export class Parser {
  private elements = 0;
  private valueBytes = 0;

  constructor(
    private readonly file: FileBytes,
    private readonly dictionary: Dictionary,
    private readonly notes: Set<DicomNote>,
  ) {}

  /** @throws DomainError UNPROCESSABLE_FILE if the data set is broken, too deep or too large, or has no pixels */
  async parse(start: number, isDeclaredExplicit: boolean): Promise<ParsedFile> {
    const explicit = await this.isExplicit(start, isDeclaredExplicit);
    const scope: Scope = { explicit, limit: this.file.size, depth: 0, keepsValues: true };
    const dataset: DicomDataset = {};
    let pixels: PixelElement | null = null;
    let offset = start;
    let last = 0;
    while (offset < this.file.size) {
      if (pixels && !(await this.isElement(offset, scope))) break;
      const header = await readHeader(this.file, offset, explicit);
      if (header.tag < last) this.notes.add('ELEMENT_ORDER');
      last = header.tag;
      if (!pixels && PIXEL_DATA.has(header.tag)) {
        this.countElement();
        pixels = await this.locatePixels(header);
        offset = pixels.length === null ? Math.min(pixels.end + 8, this.file.size) : pixels.end;
        continue;
      }
      const next: number | null = await this.parseElement(header, scope, dataset).catch((error: unknown) => {
        if (!pixels || !isBroken(error)) throw error;
        return null;
      });
      if (next === null) break;
      offset = next;
    }
    if (!pixels) throw unusable('NO_PIXELS', 'The file contains no image.');
    if (offset < this.file.size) this.notes.add('TRAILING_BYTES_DROPPED');
    return { dataset, pixels, end: offset };
  }

  /** Detects the encoding by the first element, because some files state a wrong transfer syntax. */
  private async isExplicit(start: number, isDeclaredExplicit: boolean): Promise<boolean> {
    if (start + 8 > this.file.size) return isDeclaredExplicit;
    const head = await this.file.at(start, 8);
    const vr = head.toString('latin1', 4, 6);
    const isImplicit = !/^[A-Z]{2}$/.test(vr) && start + 8 + head.readUInt32LE(4) <= this.file.size;
    const explicit = isDeclaredExplicit ? !isImplicit : isVr(vr);
    if (explicit !== isDeclaredExplicit) this.notes.add('VR_ENCODING');
    return explicit;
  }

  /** Whether an element follows the pixels, or unrelated bytes. */
  private async isElement(offset: number, { explicit }: Scope): Promise<boolean> {
    const header = await readHeader(this.file, offset, explicit).catch(() => null);
    if (!header) return false;
    const group = header.tag >>> 16;
    if (group < 0x0008 || group === 0xfffe || PIXEL_DATA.has(header.tag)) return false;
    return explicit ? isVr(header.vr) : group % 2 === 1 || this.dictionary(tagName(header.tag)) !== undefined;
  }

  /** Parses an element into a data set. @returns the offset of the next element */
  private async parseElement(header: ElementHeader, scope: Scope, into: DicomDataset): Promise<number> {
    this.countElement();
    const { tag, length, valueOffset } = header;
    const name = tagName(tag);
    const group = tag >>> 16;
    if (group === 0x0000 || group === 0xfffe) throw broken();
    if (scope.explicit && header.vr === '') this.notes.add('VR_ENCODING');
    const isPrivate = group % 2 === 1;
    const standard = isPrivate ? undefined : this.dictionary(name);
    const vr = header.vr === '' || header.vr === 'UN' ? (standard ?? 'UN') : header.vr;
    const keepsValues = scope.keepsValues && KEPT_GROUPS.has(group);
    const inner = { ...scope, keepsValues, depth: scope.depth + 1 };
    if (length === UNDEFINED_LENGTH) {
      if (/^O[BDFLVW]$/.test(vr) && header.vr !== 'UN') {
        const end = await this.findEndOfFragments(valueOffset);
        into[name] = { vr, bytes: EMPTY, items: null };
        return end + 8;
      }
      const { items, end } =
        header.vr === 'UN'
          ? await this.parseUnknownSequence(valueOffset, null, inner)
          : await this.parseSequence(valueOffset, null, inner);
      into[name] = { vr: 'SQ', bytes: EMPTY, items };
      return end;
    }
    const end = valueOffset + length;
    if (end > scope.limit) throw broken();
    if (length % 2 === 1) this.notes.add('ODD_LENGTH');
    into[name] = await this.parseValue({ ...header, vr }, header.vr === 'UN', inner);
    return end;
  }

  private async parseValue(
    { tag, vr, length, valueOffset }: ElementHeader,
    isUnknown: boolean,
    scope: Scope,
  ): Promise<DicomElement> {
    const isGuess = vr === 'UN' && (await this.beginsWithItem(valueOffset, length));
    if (vr !== 'SQ' && !isGuess) return { vr, bytes: await this.readValue(valueOffset, length, scope), items: null };
    try {
      const read = isUnknown ? this.parseUnknownSequence.bind(this) : this.parseSequence.bind(this);
      return { vr: 'SQ', bytes: EMPTY, items: (await read(valueOffset, length, scope)).items };
    } catch (error) {
      // A private sequence, or a value that only looks like a sequence, can be skipped by its length.
      if (!isBroken(error) || (!isGuess && (tag >>> 16) % 2 === 0)) throw error;
      if (!isGuess) this.notes.add('PRIVATE_SEQUENCE_UNREADABLE');
      return { vr, bytes: await this.readValue(valueOffset, length, scope), items: null };
    }
  }

  /** A sequence of VR UN must be in implicit VR, with all of its content (PS3.5 6.2.2). Some files use explicit VR. */
  private async parseUnknownSequence(
    valueOffset: number,
    length: number | null,
    scope: Scope,
  ): Promise<{ items: DicomDataset[]; end: number }> {
    if (length === null) this.notes.add('UNKNOWN_SEQUENCE');
    try {
      return await this.parseSequence(valueOffset, length, { ...scope, explicit: false });
    } catch (error) {
      if (!isBroken(error)) throw error;
      const sequence = await this.parseSequence(valueOffset, length, { ...scope, explicit: true });
      this.notes.add('VR_ENCODING');
      return sequence;
    }
  }

  private async parseSequence(
    valueOffset: number,
    length: number | null,
    scope: Scope,
  ): Promise<{ items: DicomDataset[]; end: number }> {
    if (scope.depth > MAX_DEPTH) throw unusable('TOO_DEEP', 'The file is nested too deeply.');
    const end = length === null ? null : valueOffset + length;
    const limit = end ?? scope.limit;
    const items: DicomDataset[] = [];
    for (let offset = valueOffset; ;) {
      if (offset === limit) {
        if (end === null) this.notes.add('DELIMITERS');
        return { items, end: offset };
      }
      if (offset > limit) throw broken();
      this.countElement();
      const header = await readHeader(this.file, offset, false);
      if (header.tag === SEQUENCE_END) {
        if (end === null) return { items, end: header.valueOffset };
        this.notes.add('DELIMITERS');
        return { items, end };
      }
      if (header.tag === ITEM_END) {
        this.notes.add('DELIMITERS');
        offset = header.valueOffset;
        continue;
      }
      if (header.tag !== ITEM) throw broken();
      const item: DicomDataset = {};
      offset = await this.parseItem(header, { ...scope, limit }, item);
      items.push(item);
    }
  }

  private async parseItem({ valueOffset, length }: ElementHeader, scope: Scope, item: DicomDataset): Promise<number> {
    const end = length === UNDEFINED_LENGTH ? null : valueOffset + length;
    if (end !== null && end > scope.limit) throw broken();
    const limit = end ?? scope.limit;
    for (let offset = valueOffset; ;) {
      if (offset === limit) {
        if (end === null) this.notes.add('DELIMITERS');
        return offset;
      }
      if (offset > limit) throw broken();
      const header = await readHeader(this.file, offset, scope.explicit);
      if (header.tag === ITEM_END) {
        if (end === null) return header.valueOffset;
        this.notes.add('DELIMITERS');
        this.countElement();
        offset = header.valueOffset;
        continue;
      }
      if (end === null && (header.tag === SEQUENCE_END || header.tag === ITEM)) {
        this.notes.add('DELIMITERS');
        return offset;
      }
      offset = await this.parseElement(header, { ...scope, limit }, item);
    }
  }

  private async locatePixels({ tag, vr, length, valueOffset }: ElementHeader): Promise<PixelElement> {
    const found = { tag: tagName(tag), vr: /^O[BDFLVW]$/.test(vr) ? vr : 'OW', offset: valueOffset };
    if (length === UNDEFINED_LENGTH) return { ...found, length: null, end: await this.findEndOfFragments(valueOffset) };
    if (valueOffset + length > this.file.size) throw broken();
    if (length % 2 === 1) this.notes.add('ODD_LENGTH');
    return { ...found, length, end: valueOffset + length };
  }

  /** @returns the offset of the delimiter after the fragments, also if it is missing */
  private async findEndOfFragments(start: number): Promise<number> {
    for (let offset = start; ;) {
      this.countElement();
      if (offset === this.file.size && offset > start) {
        this.notes.add('DELIMITERS');
        return offset;
      }
      const { tag, length, valueOffset } = await readHeader(this.file, offset, false);
      if (tag === SEQUENCE_END) return offset;
      if (tag !== ITEM || length === UNDEFINED_LENGTH || valueOffset + length > this.file.size) throw broken();
      offset = valueOffset + length;
    }
  }

  private async beginsWithItem(valueOffset: number, length: number): Promise<boolean> {
    return length >= 8 && (await readHeader(this.file, valueOffset, false)).tag === ITEM;
  }

  private async readValue(valueOffset: number, length: number, { keepsValues }: Scope): Promise<Buffer> {
    if (!keepsValues || length === 0) return EMPTY;
    this.valueBytes += length;
    if (this.valueBytes > MAX_VALUE_BYTES)
      throw unusable('TOO_MANY_PARTS', 'The file contains too much data besides its image.');
    return Buffer.from(await this.file.at(valueOffset, length));
  }

  private countElement(): void {
    this.elements += 1;
    if (this.elements > MAX_ELEMENTS) throw unusable('TOO_MANY_PARTS', 'The file has too many elements.');
  }
}
