import { describe, expect, it } from '@jest/globals';
import type { DicomDataset, DicomElement } from './elements.js';
import { readGreyScale, renderGreys } from './grey-scale.js';
import type { PixelFormat } from './pixel-format.js';

const FORMAT: PixelFormat = {
  rows: 1,
  columns: 1,
  frames: 1,
  samples: 1,
  bitsAllocated: 16,
  bitsStored: 16,
  shift: 0,
  signed: true,
  photometric: 'MONOCHROME2',
};

const words = (...values: number[]): Buffer => Buffer.from(Uint16Array.from(values).buffer);
const numbers = (vr: string, ...values: number[]): DicomElement => ({ vr, bytes: words(...values), items: null });
const text = (value: string): DicomElement => ({ vr: 'CS', bytes: Buffer.from(value), items: null });
const sequence = (...items: DicomDataset[]): DicomElement => ({ vr: 'SQ', bytes: Buffer.alloc(0), items });
const table = (descriptor: [number, number, number], ...values: number[]): DicomDataset => ({
  '00283002': numbers('US', ...descriptor),
  '00283006': numbers('US', ...values),
});
const window = (center: string, width: string, shape?: string): DicomDataset => ({
  '00281050': text(center),
  '00281051': text(width),
  ...(shape && { '00281056': text(shape) }),
});

function greys(dataset: DicomDataset, values: number[], format: Partial<PixelFormat> = {}): number[] | null {
  const whole = { ...FORMAT, ...format };
  const scale = readGreyScale(dataset, whole);
  const bytes = whole.bitsAllocated === 8 ? Buffer.from(values) : words(...values);
  return scale && [...renderGreys(bytes, whole, scale)];
}

describe('the greys of an image', () => {
  it.each<[string, DicomDataset, number[], number[], Partial<PixelFormat>?]>([
    ['no window: the range of all values is used', {}, [-10, 0, 10], [0, 128, 255]],
    ['a single value: black', {}, [7, 7], [0, 0]],
    ['a window', window('50.5', '101'), [-10, 0, 50, 100, 300], [0, 0, 128, 255, 255]],
    ['a window of one value', window('50', '1'), [49, 50, 51], [0, 255, 255]],
    ['an exact window', window('50', '100', 'LINEAR_EXACT'), [0, 50, 100], [0, 128, 255]],
    ['an exact window narrower than one', window('0.5', '0.5', 'LINEAR_EXACT'), [0, 1], [0, 255]],
    ['a sigmoid', window('50', '100', 'SIGMOID'), [-1000, 0, 50, 100], [0, 30, 128, 225]],
    ['a window of width 0: the range of all values is used', window('50', '0'), [0, 10], [0, 255]],
    ['several windows: the first is used', window('50.5\\1000', '101\\1'), [0, 100], [0, 255]],
    ['MONOCHROME1', {}, [0, 10], [255, 0], { photometric: 'MONOCHROME1' }],
    [
      'a rescale',
      { '00281053': text('2'), '00281052': text('-100'), ...window('0.5', '201') },
      [0, 50, 100],
      [0, 128, 255],
    ],
    ['a falling rescale', { '00281053': text('-1') }, [0, 10], [255, 0]],
    ['a VOI LUT', { '00283010': sequence(table([3, 10, 8], 255, 100, 0)) }, [0, 10, 11, 12, 99], [255, 255, 100, 0, 0]],
    [
      'a VOI LUT and a window: the LUT is used',
      { '00283010': sequence(table([2, 0, 8], 255, 0)), ...window('0', '2') },
      [0, 1],
      [255, 0],
    ],
    [
      'a VOI LUT that begins below zero',
      { '00283010': sequence(table([3, -1, 8], 0, 100, 255)) },
      [-1, 0, 1],
      [0, 100, 255],
    ],
    ['a VOI LUT of 16 bits that uses 12', { '00283010': sequence(table([2, 0, 16], 0, 4095)) }, [0, 1], [0, 255]],
    [
      'a VOI LUT whose bytes are packed',
      { '00283010': sequence({ '00283002': numbers('US', 4, 0, 8), '00283006': numbers('OW', 0x50_00, 0xff_a0) }) },
      [0, 1, 2, 3],
      [0, 0x50, 0xa0, 255],
    ],
    [
      'a VOI LUT of 40,000 entries whose descriptor is signed',
      {
        '00283010': sequence({
          '00283002': numbers('SS', 40_000, 0, 16),
          '00283006': numbers('US', ...Array.from({ length: 40_000 }, (_, index) => index)),
        }),
      },
      [0, 20_000],
      [0, 78],
    ],
    ['a modality LUT', { '00283000': sequence(table([3, 0, 16], 30, 10, 20)) }, [0, 1, 2], [255, 0, 128]],
    [
      'a modality LUT in angiography: it is ignored',
      { '00080016': text('1.2.840.10008.5.1.4.1.1.12.1'), '00283000': sequence(table([3, 0, 16], 30, 10, 20)) },
      [0, 1, 2],
      [0, 128, 255],
    ],
    [
      'functional groups',
      {
        '52009229': sequence({ '00289145': sequence({ '00281053': text('1'), '00281052': text('-1000') }) }),
        '52009230': sequence({ '00289132': sequence(window('0.5', '201')) }),
      },
      [900, 1000, 1100],
      [0, 128, 255],
    ],
    ['padding', { '00280120': numbers('SS', -32_768) }, [-32_768, 0, 10], [0, 0, 255]],
    ['padding that is coded without its sign', { '00280120': numbers('US', 0xf830) }, [-2000, 5, 10], [0, 0, 255]],
    ['padding as a text', { '00280120': text('-2000') }, [-2000, 5, 10], [0, 0, 255]],
    [
      'padding up to a limit, which is lower or higher',
      { '00280120': numbers('SS', -900), '00280121': numbers('SS', -1000) },
      [-1000, -950, -900, 5, 10],
      [0, 0, 0, 0, 255],
    ],
    [
      'padding outside of the bits that are stored',
      { '00280120': numbers('US', 0x8000) },
      [0x8000, 5, 10],
      [0, 0, 255],
      { bitsStored: 12 },
    ],
    [
      'padding of MONOCHROME1',
      { '00280120': numbers('SS', -1) },
      [-1, 0, 10],
      [0, 255, 0],
      { photometric: 'MONOCHROME1' },
    ],
    ['nothing but padding', { '00280120': numbers('SS', 3) }, [3, 3], [0, 0]],
    [
      'bits that stand at the upper end of a word',
      {},
      [0x0000, 0x0100, 0x0200],
      [0, 128, 255],
      { bitsStored: 8, shift: 8, signed: false },
    ],
    ['signed values of 12 bits', {}, [0x0fff, 0, 1], [0, 128, 255], { bitsStored: 12 }],
    ['8 bits', {}, [0, 100, 200], [0, 128, 255], { bitsAllocated: 8, bitsStored: 8, signed: false }],
  ])('with %s', (_, dataset, values, expected, format = {}) => {
    expect(greys(dataset, values, format)).toEqual(expected);
  });

  it.each<[string, DicomDataset]>([
    ['a VOI LUT without data', { '00283010': sequence({ '00283002': numbers('US', 3, 0, 8) }) }],
    ['a VOI LUT without a descriptor', { '00283010': sequence({ '00283006': numbers('US', 3, 0, 8) }) }],
    ['a VOI LUT with too few data', { '00283010': sequence(table([300, 0, 16], 1, 2)) }],
    ['a modality LUT of 40 bits', { '00283000': sequence(table([2, 0, 40], 1, 2)) }],
    ['a function that is not known', window('50', '100', 'LOG')],
    ['a presentation in optical density', { '20500020': text('LIN OD') }],
  ])('with %s are not computed', (_, dataset) => {
    expect(greys(dataset, [0, 1])).toBeNull();
  });
});
