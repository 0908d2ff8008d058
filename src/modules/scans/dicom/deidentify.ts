import { createHmac, type KeyObject } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { DicomDataset, DicomElement } from 'dcmjs';
import { loadDcmjs, type DicomFile } from './dicom-file.js';
import { TAG, textOf } from './elements.js';
import { actionFor, isPublicCode, isTechnicalValue, PROFILE, type Action } from './profile.js';
import { DEFLATED_LITTLE, EXPLICIT_LITTLE, isOfStandard } from './transfer-syntax.js';

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
      burnedInAnnotation: textOf(file.dataset, TAG.burnedInAnnotation),
    };
  }

  /** Everything behind the pixels (padding, signatures that no longer hold) is left out. */
  async write(target: string): Promise<Deidentification> {
    const { DicomDict } = (await loadDcmjs()).data;
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

  /** What has the VR of a number or code, and is none, goes too. */
  private actionOn(tag: string, { vr, Value }: DicomElement): Action {
    const action = actionFor(tag, vr);
    return action === 'KEEP' && !asList(Value).every((value) => isTechnicalValue(vr, value)) ? 'REMOVE' : action;
  }

  private apply(action: Action, found: DicomElement): DicomElement | null {
    switch (action) {
      case 'KEEP':
        return found;
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
    if (clean === '' || isOfStandard(clean)) return clean;
    const digest = createHmac('sha256', this.uidKey).update(clean).digest().subarray(0, 16);
    return `2.25.${BigInt(`0x${digest.toString('hex')}`)}`;
  }
}

const element = (vr: string, value: string): DicomElement => ({ vr, Value: [value] });

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

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
