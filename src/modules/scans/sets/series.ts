import type { DicomFacts } from '../dicom/read-and-deidentify.js';

/** An image of a set. */
export interface SetImage {
  id: string;
  dicom: DicomFacts;
}

const SERIES_ORDERS = ['POSITION', 'INSTANCE_NUMBER', 'UPLOAD'] as const;
export type SeriesOrder = (typeof SERIES_ORDERS)[number];

interface Gap {
  /** The image before the gap. */
  afterScanId: string;
  /** How many images are missing. */
  count: number;
}

export interface Series {
  seriesInstanceUid: string;
  seriesNumber: number | null;
  modality: string | null;
  bodyPart: string | null;
  orderedBy: SeriesOrder;
  /** The usual distance of neighbouring slices, in millimetres. */
  spacing: number | null;
  missing: Gap[];
  /** The images in order. */
  scanIds: string[];
}

/** Slices whose normals differ by more than about a degree are not parallel. */
const PARALLEL_COSINE = 0.9998;
/** Slices that are closer than this, in millimetres, are at the same place: phases of a contrast study. */
const SAME_PLACE = 0.01;
/** A step of more than this times the usual one is a gap. */
const GAP_FACTOR = 1.5;
/** Fewer steps have no usual one. */
const MIN_STEPS = 2;

interface Placed {
  id: string;
  /** Along the normal of the slices in millimetres, or the number of the image. */
  place: number;
  instanceNumber: number;
}

/** Groups the images of a study by series, in the order of their numbers, and orders the images of each. */
export function toSeries(images: readonly SetImage[]): Series[] {
  const groups = new Map<string, SetImage[]>();
  for (const image of images) {
    const { seriesInstanceUid } = image.dicom;
    groups.set(seriesInstanceUid, [...(groups.get(seriesInstanceUid) ?? []), image]);
  }
  const series = [...groups.values()].map(orderSeries);
  return series.sort(
    (a, b) =>
      numberOrLast(a.seriesNumber) - numberOrLast(b.seriesNumber) ||
      (a.seriesInstanceUid < b.seriesInstanceUid ? -1 : 1),
  );
}

function orderSeries(images: SetImage[]): Series {
  const [{ dicom }] = images as [SetImage];
  const { seriesInstanceUid, seriesNumber, modality, bodyPart } = dicom;
  const facts = { seriesInstanceUid, seriesNumber, modality, bodyPart };
  const placed = orderByPosition(images);
  if (placed) return { ...facts, orderedBy: 'POSITION', ...describeSteps(placed) };
  const numbered = orderByInstanceNumber(images);
  if (numbered) {
    const missing = findGaps(numbered, 1);
    return { ...facts, orderedBy: 'INSTANCE_NUMBER', spacing: null, missing, scanIds: numbered.map(({ id }) => id) };
  }
  const scanIds = images.map(({ id }) => id).sort();
  return { ...facts, orderedBy: 'UPLOAD', spacing: null, missing: [], scanIds };
}

/** Orders the images along the normal of the slices. Returns null if the places are not known, or the slices are not parallel. */
function orderByPosition(images: readonly SetImage[]): Placed[] | null {
  const normal = getNormal(images[0]?.dicom.orientation ?? null);
  if (!normal || images.length < 2) return null;
  const placed: Placed[] = [];
  for (const { id, dicom } of images) {
    const own = getNormal(dicom.orientation);
    if (!own || !dicom.position || dot(own, normal) < PARALLEL_COSINE) return null;
    placed.push({ id, place: dot(dicom.position, normal), instanceNumber: numberOrLast(dicom.instanceNumber) });
  }
  return sortByPlace(placed);
}

/** Orders the images by their numbers. Returns null if an image has no number, or two have the same. */
function orderByInstanceNumber(images: readonly SetImage[]): Placed[] | null {
  const placed = images.flatMap(({ id, dicom: { instanceNumber } }) =>
    instanceNumber === null ? [] : [{ id, place: instanceNumber, instanceNumber }],
  );
  const numbers = new Set(placed.map(({ place }) => place));
  return placed.length === images.length && numbers.size === images.length ? sortByPlace(placed) : null;
}

/** Images at the same place are in the order of their numbers. */
const sortByPlace = (placed: Placed[]): Placed[] =>
  placed.sort((a, b) =>
    Math.abs(a.place - b.place) > SAME_PLACE
      ? a.place - b.place
      : a.instanceNumber - b.instanceNumber || (a.id < b.id ? -1 : 1),
  );

function describeSteps(placed: readonly Placed[]): Pick<Series, 'spacing' | 'missing' | 'scanIds'> {
  const steps = placed
    .slice(1)
    .map(({ place }, n) => place - (placed[n] as Placed).place)
    .filter((step) => step > SAME_PLACE)
    .sort((a, b) => a - b);
  const usual = steps[Math.floor((steps.length - 1) / 2)] ?? null;
  return {
    spacing: usual === null ? null : Number(usual.toFixed(3)),
    missing: usual === null || steps.length < MIN_STEPS ? [] : findGaps(placed, usual),
    scanIds: placed.map(({ id }) => id),
  };
}

function findGaps(placed: readonly Placed[], usualStep: number): Gap[] {
  return placed.slice(1).flatMap(({ place }, n) => {
    const before = placed[n] as Placed;
    const step = place - before.place;
    return step > usualStep * GAP_FACTOR ? [{ afterScanId: before.id, count: Math.round(step / usualStep) - 1 }] : [];
  });
}

/** The unit vector across the slices; null without a usable orientation. */
function getNormal(orientation: readonly number[] | null): number[] | null {
  if (!orientation) return null;
  const [a, b, c, d, e, f] = orientation as [number, number, number, number, number, number];
  const normal = [b * f - c * e, c * d - a * f, a * e - b * d];
  const length = Math.hypot(...normal);
  return length > 0.5 ? normal.map((value) => value / length) : null;
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, n) => sum + value * (b[n] as number), 0);

const numberOrLast = (number: number | null): number => number ?? Number.MAX_SAFE_INTEGER;
