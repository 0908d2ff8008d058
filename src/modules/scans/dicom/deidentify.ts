import { createHmac, type KeyObject } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { DicomDataset, DicomElement } from 'dcmjs';
import { loadDcmjs, type DicomFile } from './dicom-file.js';
import { codeOf, TAG, textOf } from './elements.js';
import { actionFor, isPublicCode, isTechnicalValue, PROFILE, type Action } from './profile.js';
import { DEFLATED_LITTLE, EXPLICIT_LITTLE, isOfStandard, isUid } from './transfer-syntax.js';

/** What was done to the copy, and what was not. */
export interface Deidentification {
  profile: string;
  edition: string;
  method: string;
  /** Attributes by what was done with them, those of sequences included. */
  kept: number;
  removed: number;
  /** Of the removed: private ones. */
  removedPrivate: number;
  emptied: number;
  replaced: number;
  uidsMapped: number;
  /** Options of the profile that were not applied: the profile alone does not make pixels anonymous. */
  cleanPixelData: false;
  cleanRecognizableVisualFeatures: false;
  /** Names that are written into the picture itself may still be there; nobody has looked. */
  pixelTextNotChecked: true;
  /** What the file says of it: YES, NO, or null where it says nothing. */
  burnedInAnnotation: string | null;
}

const COUNTERS = {
  KEEP: 'kept',
  RECURSE: 'kept',
  REMOVE: 'removed',
  EMPTY: 'emptied',
  REPLACE: 'replaced',
  MAP_UID: 'uidsMapped',
} as const satisfies Record<Action, keyof Deidentification>;

/** CodeValue, CodingSchemeDesignator and CodeMeaning. */
const CODE = new Set<string>(['00080100', TAG.codingScheme, '00080104']);

/** A moment that is nobody's. */
const DUMMY_DATE_TIME = '19000101000000';

/** Makes the copy of one file that may leave the clinic: tags by the profile, pixels as they are. */
export class Deidentifier {
  private readonly report: Deidentification;
  private dictionary: Record<string, { vr: string } | undefined> = {};

  constructor(
    private readonly file: DicomFile,
    private readonly uidKey: KeyObject,
  ) {
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
      burnedInAnnotation: codeOf(file.dataset, TAG.burnedInAnnotation),
    };
  }

  /** Everything behind the pixels (padding, signatures that no longer hold) is left out. */
  async write(target: string): Promise<Deidentification> {
    const { DicomDict, DicomMetaDictionary } = (await loadDcmjs()).data;
    this.dictionary = DicomMetaDictionary.dictionary;
    const dict = new DicomDict(this.meta());
    dict.dict = { ...this.clean(this.file.dataset), ...marks() };
    await writeFile(target, Buffer.from(dict.write()));
    const { start, end } = this.file.pixels;
    const pixels = createReadStream(this.file.pixelPath, { start, end: end - 1 });
    await pipeline(pixels, createWriteStream(target, { flags: 'a' }));
    return this.report;
  }

  private meta(): DicomDataset {
    const { transferSyntax, dataset } = this.file;
    const syntax = transferSyntax === DEFLATED_LITTLE ? EXPLICIT_LITTLE : transferSyntax;
    return {
      [TAG.metaSopClassUid]: element('UI', textOf(dataset, TAG.sopClassUid) ?? ''),
      [TAG.metaSopInstanceUid]: element('UI', this.mapped(textOf(dataset, TAG.sopInstanceUid) ?? '')),
      [TAG.metaTransferSyntax]: element('UI', syntax),
    };
  }

  private clean(dataset: DicomDataset): DicomDataset {
    const cleaned: DicomDataset = {};
    const isCode = isPublicCode(textOf(dataset, TAG.codingScheme));
    for (const [tag, found] of Object.entries(dataset)) {
      const action = isCode && CODE.has(tag) ? 'KEEP' : this.actionOn(tag, found);
      this.report[COUNTERS[action]] += 1;
      if (action === 'REMOVE' && Number.parseInt(tag.slice(0, 4), 16) % 2 === 1) this.report.removedPrivate += 1;
      const kept = this.apply(action, found);
      if (kept) cleaned[tag] = kept;
    }
    return cleaned;
  }

  /**
   * A VR is what the file says it is: by the dictionary's, a name in the disguise of a code goes, and so does what the
   * dictionary does not know. So does what has the VR of a number or code, and is none.
   */
  private actionOn(tag: string, found: DicomElement): Action {
    const action = actionFor(tag, found.vr);
    if (action !== 'KEEP') return action;
    const standard = this.dictionary[`(${tag.slice(0, 4)},${tag.slice(4)})`]?.vr;
    const isKnown = standard !== undefined && actionFor(tag, standard) === 'KEEP';
    return isKnown && writtenOf(found).every((value) => isTechnicalValue(found.vr, value)) ? 'KEEP' : 'REMOVE';
  }

  private apply(action: Action, found: DicomElement): DicomElement | null {
    switch (action) {
      case 'KEEP':
        return { vr: found.vr, Value: writtenOf(found) };
      case 'REMOVE':
        return null;
      case 'EMPTY':
        return { vr: found.vr, Value: [] };
      case 'REPLACE':
        return element(found.vr, DUMMY_DATE_TIME);
      case 'MAP_UID':
        return { vr: 'UI', Value: asList(found.Value).map((uid) => this.mapped(String(uid))) };
      case 'RECURSE':
        return { vr: 'SQ', Value: asList(found.Value).map((item) => this.clean(item as DicomDataset)) };
    }
  }

  /** The same UID becomes the same other one in every file of this installation, so that a series stays a series. */
  private mapped(uid: string): string {
    const clean = uid.replace(/[\0 ]+$/, '');
    if (clean === '' || (isUid(clean) && isOfStandard(clean))) return clean;
    const digest = createHmac('sha256', this.uidKey).update(clean).digest().subarray(0, 16);
    return `2.25.${BigInt(`0x${digest.toString('hex')}`)}`;
  }
}

const element = (vr: string, value: string): DicomElement => ({ vr, Value: [value] });

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

/**
 * The characters of the file, not what a parser made of them: dcmjs reads `40 JOHN` as 40 and would write `40 JOHN`. A
 * character set is the exception: what is written is UTF-8.
 */
const writtenOf = ({ vr, Value, _rawValue }: DicomElement): unknown[] =>
  asList(vr === 'DS' || vr === 'IS' ? (_rawValue ?? Value) : Value);

/** What the profile wants said in the copy (PS3.15 E.1.1, steps 6 and 7). */
const marks = (): DicomDataset => ({
  '00120062': element('CS', 'YES'),
  '00120063': element('LO', PROFILE.method),
  '00120064': {
    vr: 'SQ',
    Value: [
      {
        '00080100': element('SH', PROFILE.code.value),
        '00080102': element('SH', 'DCM'),
        '00080104': element('LO', PROFILE.code.meaning),
      },
    ],
  },
  '00280303': element('CS', 'REMOVED'),
});
