import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { placeholderPicture } from './placeholder-picture.js';

const ID = '019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10';

describe('the placeholder picture of a doctor', () => {
  it('is a PNG that is the same for an id, and has different colours for different ids', async () => {
    const [one, again, other] = await Promise.all(
      [ID, ID, ID.replace('8a10', '0001')].map((id) => placeholderPicture(id)),
    );
    expect(await sharp(one).metadata()).toMatchObject({ format: 'png', width: 256, height: 256, channels: 3 });
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it('shows a white head on a coloured background', async () => {
    const data = await sharp(await placeholderPicture(ID))
      .raw()
      .toBuffer();
    const at = (x: number, y: number): number[] => [...data.subarray((y * 256 + x) * 3, (y * 256 + x) * 3 + 3)];
    expect(at(128, 100)).toEqual([255, 255, 255]);
    expect(at(5, 5)).not.toEqual([255, 255, 255]);
  });
});
