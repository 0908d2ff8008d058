import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { measureQuality, type Pixels } from './quality.js';

/** A board of squares, so with edges, in any number of channels. */
function board(channels: number, side = 64, square = 8): Pixels {
  const data = new Uint8Array(side * side * channels);
  for (let index = 0; index < side * side; index += 1) {
    const isLight = (Math.floor(index / side / square) + Math.floor((index % side) / square)) % 2 === 0;
    for (let channel = 0; channel < channels; channel += 1) {
      const isAlpha = channels % 2 === 0 && channel === channels - 1;
      data[index * channels + channel] = isAlpha ? 255 : isLight ? 200 : 40;
    }
  }
  return { data, width: side, height: side, channels };
}

describe('the quality of an image', () => {
  it('is the same for the same image in grey, RGB, and with an alpha channel', () => {
    const grey = measureQuality(board(1));
    expect(grey).toMatchObject({ blank: false, blurred: false, contrast: 80, saturatedShare: 0 });
    for (const channels of [2, 3, 4]) expect(measureQuality(board(channels))).toEqual(grey);
  });

  it('counts transparent pixels as black', () => {
    const { data, ...size } = board(4);
    for (let index = 3; index < data.length; index += 4) data[index] = 0;
    expect(measureQuality({ data, ...size })).toMatchObject({ blank: true, saturatedShare: 1 });
  });

  it('weights red, green and blue by 77, 150 and 29 of 256 (BT.601)', () => {
    const rgb = board(3);
    for (let index = 0; index < rgb.data.length; index += 3) rgb.data[index] = 255 - (rgb.data[index] as number);
    // The squares are (55, 200, 200) and (215, 40, 40), so their greys are 156 and 92. Equal weights would give a contrast of 26.5.
    expect(measureQuality(rgb).contrast).toBe(32);
    for (let index = 2; index < rgb.data.length; index += 3) rgb.data[index] = 255 - (rgb.data[index] as number);
    // (55, 200, 55) and (215, 40, 215), so 139 and 112.
    expect(measureQuality(rgb).contrast).toBe(13.5);
  });

  it('distinguishes blank from blurred', async () => {
    const flat = { data: new Uint8Array(4096).fill(90), width: 64, height: 64, channels: 1 };
    expect(measureQuality(flat)).toMatchObject({ blank: true, blurred: false, contrast: 0, sharpness: 0 });
    const { data, info } = await sharp(board(1, 64, 32).data, { raw: { width: 64, height: 64, channels: 1 } })
      .blur(8)
      .toColourspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(measureQuality({ data, ...info })).toMatchObject({ blank: false, blurred: true });
  });

  it('has no sharpness for an image without inner pixels', () => {
    expect(measureQuality({ data: new Uint8Array([0, 255]), width: 2, height: 1, channels: 1 })).toMatchObject({
      sharpness: 0,
      saturatedShare: 1,
    });
  });
});
