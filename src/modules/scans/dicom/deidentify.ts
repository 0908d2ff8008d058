import { createHmac, type KeyObject } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { appendFile, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Dictionary } from './dictionary.js';
import type { DicomFile } from './dicom-file.js';
import { dropDanglingPointers, dropIncompletePairs, TABLES } from './consistency.js';
import { UNDEFINED_LENGTH } from './element-header.js';
import { getCode, TAG, textElement, getText, getTexts, type DicomDataset, type DicomElement } from './elements.js';
import { cleanIccProfile } from './icc.js';
import { readDescriptor, trimTable } from './lookup-table.js';
import { identifyingWords } from './patient.js';
import { nativeBytes, type PixelFormat } from './pixel-format.js';
import {
  actionFor,
  CODE_ATTRIBUTES,
  dummyFor,
  isPublicCode,
  isTechnicalValue,
  isTextVr,
  NEEDED_IN_ITEMS,
  PROFILE,
  REMOVED_CODE,
  termFor,
  type Action,
  type TextVr,
} from './profile.js';
import { EXPLICIT_LITTLE, isNative, isStandardUid, isUid } from './transfer-syntax.js';
import { writeDataset, writeHeader, writeMeta } from './writer.js';

/** How the copy was made. */
export interface Deidentification {
  profile: string;
  edition: string;
  method: string;
  /**
   * The numbers of attributes by action, including those in sequences. `kept` includes those that the copy lacks because an
   * attribute that they need is missing.
   */
  kept: number;
  removed: number;
  /** How many of the removed attributes were private. */
  removedPrivate: number;
  emptied: number;
  replaced: number;
  uidsMapped: number;
  /** Options of the profile that were not applied: the pixels are not changed. */
  cleanPixelData: false;
  cleanRecognizableVisualFeatures: false;
  /** The pixels were not searched for names. */
  pixelTextNotChecked: true;
  /** The file's own value: YES or NO; null without one. */
  burnedInAnnotation: string | null;
  /** The copy's PatientIdentityRemoved: true only if the file states that its pixels contain no names. */
  patientIdentityRemoved: boolean;
}

const COUNTERS = {
  KEEP: 'kept',
  TERM: 'kept',
  RECURSE: 'kept',
  REMOVE: 'removed',
  EMPTY: 'emptied',
  REPLACE: 'replaced',
  MAP_UID: 'uidsMapped',
} as const satisfies Record<Action, keyof Deidentification>;

const SEQUENCE_DELIMITER = Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
/** The attributes of a code that the copy always has. */
const CODE = new Set<string>([TAG.codeValue, TAG.codingSchemeDesignator, TAG.codeMeaning]);
/** Palettes map indexes, which are unsigned. */
const PALETTE_DESCRIPTOR = /^0028110[1-4]$/;
/** Code strings that are needed to display an image. They are kept even if they contain a word of a name. */
const ESSENTIAL = new Set<string>([
  TAG.photometricInterpretation,
  TAG.modality,
  TAG.burnedInAnnotation,
  TAG.voiLutFunction,
]);

/** Makes the de-identified copy of a file: removes or replaces tags by the profile, and keeps the pixels. */
export class Deidentifier {
  private readonly report: Deidentification;
  private readonly isEnhanced: boolean;
  /** The words and numbers of the names and ids that the parser keeps of this file. */
  private readonly names: ReadonlySet<string>;

  constructor(
    private readonly file: DicomFile,
    private readonly format: PixelFormat,
    private readonly dictionary: Dictionary,
    private readonly uidKey: KeyObject,
  ) {
    const { dataset } = file;
    const burnedInAnnotation = getCode(dataset, TAG.burnedInAnnotation);
    this.isEnhanced = TAG.sharedFunctionalGroupsSequence in dataset || TAG.perFrameFunctionalGroupsSequence in dataset;
    this.names = new Set(identifyingWords(dataset));
    this.report = {
      profile: PROFILE.name,
      edition: PROFILE.edition,
      method: PROFILE.method,
      kept: 0,
      removed: 0,
      removedPrivate: 0,
      emptied: 0,
      replaced: 0,
      uidsMapped: 0,
      cleanPixelData: false,
      cleanRecognizableVisualFeatures: false,
      pixelTextNotChecked: true,
      burnedInAnnotation,
      patientIdentityRemoved: burnedInAnnotation === 'NO' && getCode(dataset, TAG.recognizableVisualFeatures) !== 'YES',
    };
  }

  /** Writes the copy to a file: the attributes before the pixels, the pixels, and the attributes after them. */
  async write(target: string): Promise<Deidentification> {
    const { pixels, pixelPath } = this.file;
    const cleaned = { ...this.clean(this.file.dataset), ...this.methodAttributes() };
    dropDanglingPointers(cleaned);
    const before: DicomDataset = {};
    const after: DicomDataset = {};
    for (const [tag, found] of Object.entries(cleaned)) (tag < pixels.tag ? before : after)[tag] = found;
    // Native pixels may be followed by other bytes in their element, which are not part of the image.
    const length = pixels.length === null ? null : nativeBytes(this.format);
    const paddedLength = length === null ? UNDEFINED_LENGTH : length + (length % 2);
    const header = writeHeader(pixels.tag, pixels.vr, paddedLength);
    await writeFile(target, Buffer.concat([this.encodeMeta(), writeDataset(before), header]));
    const end = length === null ? pixels.end : pixels.offset + length;
    if (end > pixels.offset) {
      const bytes = createReadStream(pixelPath, { start: pixels.offset, end: end - 1 });
      await pipeline(bytes, createWriteStream(target, { flags: 'a' }));
    }
    const tail = length === null ? SEQUENCE_DELIMITER : Buffer.alloc(length % 2);
    await appendFile(target, Buffer.concat([tail, writeDataset(after)]));
    return this.report;
  }

  private encodeMeta(): Buffer {
    const { dataset, transferSyntax } = this.file;
    return writeMeta({
      [TAG.mediaStorageSopClassUid]: textElement('UI', getText(dataset, TAG.sopClassUid) ?? ''),
      [TAG.mediaStorageSopInstanceUid]: textElement('UI', this.mapUid(getText(dataset, TAG.sopInstanceUid) ?? '')),
      [TAG.transferSyntaxUid]: textElement('UI', isNative(transferSyntax) ? EXPLICIT_LITTLE : transferSyntax),
    });
  }

  /** The data set, and those of its sequences, after the action of the profile for each attribute. Counts the actions. */
  private clean(dataset: DicomDataset): DicomDataset {
    const cleaned: DicomDataset = {};
    const isCode = getText(dataset, TAG.codingSchemeDesignator) !== null || TAG.codeMeaning in dataset;
    for (const [tag, found] of Object.entries(dataset)) {
      if (isCode && CODE_ATTRIBUTES.has(tag)) {
        if (!CODE.has(tag)) this.report.removed += 1;
        continue;
      }
      const action = this.getAction(tag, found, dataset);
      if (action === 'REMOVE' && Number.parseInt(tag.slice(0, 4), 16) % 2 === 1) this.report.removedPrivate += 1;
      const kept = this.apply(action, tag, found, dataset);
      this.report[COUNTERS[kept ? action : 'REMOVE']] += 1;
      if (kept) cleaned[tag] = kept;
    }
    if (isCode) Object.assign(cleaned, this.cleanCode(dataset));
    dropIncompletePairs(cleaned);
    return cleaned;
  }

  /** Keeps a code of a public terminology, otherwise replaces it. The meaning is free text and is replaced by the code. */
  private cleanCode(dataset: DicomDataset): DicomDataset {
    const value = getText(dataset, TAG.codeValue);
    const scheme = getText(dataset, TAG.codingSchemeDesignator);
    const isPublic = isPublicCode(scheme, value);
    this.report.kept += isPublic ? 2 : 0;
    this.report.replaced += isPublic ? 1 : 3;
    const code = isPublic ? { value: value as string, scheme: scheme as string } : REMOVED_CODE;
    return {
      [TAG.codeValue]: textElement('SH', code.value),
      [TAG.codingSchemeDesignator]: textElement('SH', code.scheme),
      [TAG.codeMeaning]: textElement('LO', code.value),
    };
  }

  /**
   * The profile's action for an attribute. It is REMOVE for attributes that are not in the dictionary, for those that the profile would
   * treat differently by their VR in the dictionary (the VR in the file may be wrong), and for values that are not safe.
   */
  private getAction(tag: string, found: DicomElement, dataset: DicomDataset): Action {
    const vr = found.items ? 'SQ' : found.vr;
    const action = actionFor(tag, vr, this.isEnhanced);
    if (action !== 'KEEP' && action !== 'RECURSE') return action;
    const standardVr = this.dictionary(tag);
    if (standardVr === undefined || actionFor(tag, standardVr, this.isEnhanced) !== action) return 'REMOVE';
    if (!isTextVr(vr)) return action;
    return getTexts(dataset, tag).every((value) => this.isSafe(tag, vr, value)) ? action : 'REMOVE';
  }

  /** Whether a value is a valid number or code and contains no name. */
  private isSafe(tag: string, vr: TextVr, value: string): boolean {
    return isTechnicalValue(vr, value) && (ESSENTIAL.has(tag) || !this.containsName(vr, value));
  }

  private containsName(vr: TextVr, value: string): boolean {
    return vr === 'CS' ? value.split(/[ _]+/).some((word) => this.names.has(word)) : this.names.has(value);
  }

  private apply(action: Action, tag: string, found: DicomElement, dataset: DicomDataset): DicomElement | null {
    switch (action) {
      case 'KEEP':
        return this.keep(tag, found, dataset);
      case 'TERM': {
        const term = termFor(tag, getText(dataset, tag) ?? '');
        return term === null ? null : textElement(this.dictionary(tag) ?? 'UN', term);
      }
      case 'REMOVE':
        return null;
      case 'EMPTY':
        return { vr: this.dictionary(tag) ?? found.vr, bytes: Buffer.alloc(0), items: null };
      case 'REPLACE':
        return textElement(this.dictionary(tag) ?? found.vr, dummyFor(tag));
      case 'MAP_UID':
        return textElement(
          'UI',
          getTexts(dataset, tag)
            .map((uid) => this.mapUid(uid))
            .join('\\'),
        );
      case 'RECURSE':
        return this.sequence(tag, found.items ?? []);
    }
  }

  /** Keeps the value; tables and colour profiles without unused parts. */
  private keep(tag: string, found: DicomElement, dataset: DicomDataset): DicomElement | null {
    if (tag === TAG.iccProfile) {
      const profile = cleanIccProfile(found.bytes);
      return profile && { vr: 'OB', bytes: profile, items: null };
    }
    // US or SS: in implicit VR, the sign of the pixels decides.
    if (found.vr === 'xs') return { ...found, vr: this.format.signed && !PALETTE_DESCRIPTOR.test(tag) ? 'SS' : 'US' };
    const descriptor = TABLES[tag];
    if (descriptor) return { ...found, bytes: trimTable(found.bytes, readDescriptor(dataset, descriptor)) };
    if (!isTextVr(found.vr)) return found;
    return textElement(found.vr, getTexts(dataset, tag).join('\\'));
  }

  private sequence(tag: string, items: DicomDataset[]): DicomElement | null {
    const needed = NEEDED_IN_ITEMS[tag] ?? [];
    const cleaned = items.map((item) => this.clean(item)).filter((item) => needed.every((each) => each in item));
    if (cleaned.length === 0 && items.length > 0) return null;
    return { vr: 'SQ', bytes: Buffer.alloc(0), items: cleaned };
  }

  /** Maps a UID to the same new UID in every file of this installation, so that a series stays a series. */
  private mapUid(uid: string): string {
    if (uid === '' || (isUid(uid) && isStandardUid(uid))) return uid;
    const digest = createHmac('sha256', this.uidKey).update(uid).digest().subarray(0, 16);
    return `2.25.${BigInt(`0x${digest.toString('hex')}`)}`;
  }

  /** The attributes that state the de-identification and its method (PS3.15 E.1.1, steps 6 and 7). */
  private methodAttributes(): DicomDataset {
    const code = {
      [TAG.codeValue]: textElement('SH', PROFILE.code.value),
      [TAG.codingSchemeDesignator]: textElement('SH', 'DCM'),
      [TAG.codeMeaning]: textElement('LO', PROFILE.code.meaning),
    };
    return {
      // Refers to both attributes and pixels (PS3.3 C.7.1.1).
      [TAG.patientIdentityRemoved]: textElement('CS', this.report.patientIdentityRemoved ? 'YES' : 'NO'),
      [TAG.deidentificationMethod]: textElement('LO', PROFILE.method),
      [TAG.deidentificationMethodCodeSequence]: { vr: 'SQ', bytes: Buffer.alloc(0), items: [code] },
      [TAG.longitudinalTemporalInformationModified]: textElement('CS', 'REMOVED'),
    };
  }
}
