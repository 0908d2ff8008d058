import type { FileBytes } from '../images/file-bytes.js';
import { hasLongLength, isVr } from './dictionary.js';

export interface ElementHeader {
  tag: number;
  /** Empty in implicit VR. */
  vr: string;
  length: number;
  valueOffset: number;
}

export const UNDEFINED_LENGTH = 0xffffffff;
export const ITEM = 0xfffee000;
export const ITEM_END = 0xfffee00d;
export const SEQUENCE_END = 0xfffee0dd;

export const tagName = (tag: number): string => tag.toString(16).toUpperCase().padStart(8, '0');

/** Reads tag, VR and length of an element. */
export async function readHeader(file: FileBytes, offset: number, explicit: boolean): Promise<ElementHeader> {
  const head = await file.at(offset, 8);
  const tag = head.readUInt16LE(0) * 0x10000 + head.readUInt16LE(2);
  const implicit = { tag, vr: '', length: head.readUInt32LE(4), valueOffset: offset + 8 };
  if (tag === ITEM || tag === ITEM_END || tag === SEQUENCE_END || !explicit) return implicit;
  const vr = head.toString('latin1', 4, 6);
  if (!/^[A-Z]{2}$/.test(vr)) return implicit;
  // Unknown VRs of later editions use the long form (PS3.5 7.1.2), which begins with two zero bytes.
  const isLong = hasLongLength(vr) || (!isVr(vr) && head.readUInt16LE(6) === 0);
  if (!isLong) return { tag, vr, length: head.readUInt16LE(6), valueOffset: offset + 8 };
  return { tag, vr, length: (await file.at(offset + 8, 4)).readUInt32LE(0), valueOffset: offset + 12 };
}
