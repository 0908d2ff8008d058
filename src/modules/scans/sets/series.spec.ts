import { expect, test } from '@jest/globals';
import type { DicomFacts } from '../dicom/read-and-deidentify.js';
import { toSeries, type SetImage } from './series.js';

const AXIAL = [1, 0, 0, 0, 1, 0];

const image = (id: string, facts: Partial<DicomFacts>): SetImage => ({
  id,
  dicom: {
    ...{ seriesInstanceUid: '1.2.1', seriesNumber: 1, modality: 'CT', bodyPart: null, instanceNumber: null },
    ...{ position: null, orientation: null },
    ...facts,
  } as DicomFacts,
});

const slices = (places: number[], facts: Partial<DicomFacts> = {}): SetImage[] =>
  places.map((z, n) => image(`${n}`, { orientation: AXIAL, position: [3, 4, z], ...facts }));

test('slices are ordered along their normal, whatever their numbers and the order of the upload', () => {
  const images = slices([10, -5, 0, 5]).map((slice, n) => ({ ...slice, dicom: { ...slice.dicom, instanceNumber: n } }));
  expect(toSeries(images)).toMatchObject([
    { orderedBy: 'POSITION', scanIds: ['1', '2', '3', '0'], spacing: 5, missing: [] },
  ]);
});

test('oblique slices are ordered along their own normal', () => {
  const half = Math.SQRT1_2;
  const orientation = [1, 0, 0, 0, half, half];
  // The normal is (0, -half, half): both go two steps in z, the second in y too.
  const images = [
    image('far', { orientation, position: [0, -4, 4] }),
    image('near', { orientation, position: [0, 0, 0] }),
    image('middle', { orientation, position: [0, -2, 2] }),
  ];
  expect(toSeries(images)).toMatchObject([{ scanIds: ['near', 'middle', 'far'], spacing: 2.828, missing: [] }]);
});

test('a gap says after which slice how many are missing', () => {
  expect(toSeries(slices([0, 5, 10, 25, 30]))).toMatchObject([{ missing: [{ afterScanId: '2', count: 2 }] }]);
});

test('slices at the same place, such as phases, are ordered by number and are no gap', () => {
  const images = [1, 2, 3].flatMap((z) =>
    [2, 1].map((phase) =>
      image(`${z}-${phase}`, { orientation: AXIAL, position: [0, 0, z * 4], instanceNumber: phase * 10 + z }),
    ),
  );
  expect(toSeries(images)).toMatchObject([
    { scanIds: ['1-1', '1-2', '2-1', '2-2', '3-1', '3-2'], spacing: 4, missing: [] },
  ]);
});

test('without usable places the numbers of the images decide', () => {
  const numbered = [7, 3, 4].map((instanceNumber) => image(`${instanceNumber}`, { instanceNumber }));
  const expected = { orderedBy: 'INSTANCE_NUMBER', scanIds: ['3', '4', '7'], spacing: null };
  expect(toSeries(numbered)).toMatchObject([{ ...expected, missing: [{ afterScanId: '4', count: 2 }] }]);
  const crossed = numbered.map((each, n) => ({
    ...each,
    dicom: { ...each.dicom, position: [0, 0, n], orientation: n === 0 ? AXIAL : [1, 0, 0, 0, 0, -1] },
  }));
  expect(toSeries(crossed)).toMatchObject([expected]);
});

test('without places and numbers the order is that of the upload', () => {
  const images = [image('b', {}), image('a', {})];
  expect(toSeries(images)).toMatchObject([{ orderedBy: 'UPLOAD', scanIds: ['a', 'b'], missing: [] }]);
  const twice = [image('b', { instanceNumber: 1 }), image('a', { instanceNumber: 1 })];
  expect(toSeries(twice)).toMatchObject([{ orderedBy: 'UPLOAD', scanIds: ['a', 'b'] }]);
});

test('series are ordered by their numbers, those without one at the end', () => {
  const images = [
    image('late', { seriesInstanceUid: '1.9', seriesNumber: null }),
    image('second', { seriesInstanceUid: '1.5', seriesNumber: 12 }),
    image('first', { seriesInstanceUid: '1.7', seriesNumber: 2, modality: 'MR' }),
  ];
  expect(toSeries(images).map(({ scanIds, modality }) => [scanIds[0], modality])).toEqual([
    ['first', 'MR'],
    ['second', 'CT'],
    ['late', 'CT'],
  ]);
});
