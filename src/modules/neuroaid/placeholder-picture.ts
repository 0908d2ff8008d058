const HUES = 360;
const PIXELS = 256;
const WHITE = [255, 255, 255] as const;
/** Head and shoulders: discs by centre and radius. */
const DISCS = [
  { x: 128, y: 100, radius: 44 },
  { x: 128, y: 256, radius: 88 },
] as const;

/**
 * Draws a PNG of a person on a colour derived from the id. Without initials, because the server may not have fonts for every
 * script; as pixels, because the server blocks the image library's decoder of SVG (scans/images/load-sharp.ts).
 */
export async function placeholderPicture(id: string): Promise<Buffer> {
  const hue = Number.parseInt(id.replaceAll('-', '').slice(-6), 16) % HUES;
  const ground = rgb(hue, 0.45, 0.42);
  const data = Buffer.alloc(PIXELS * PIXELS * 3);
  for (let index = 0; index < PIXELS * PIXELS; index += 1) {
    const share = coverage((index % PIXELS) + 0.5, Math.floor(index / PIXELS) + 0.5);
    for (const channel of [0, 1, 2] as const) {
      data[index * 3 + channel] = Math.round(ground[channel] + share * (WHITE[channel] - ground[channel]));
    }
  }
  // Loaded on first use, because it takes 11 MiB.
  const { default: sharp } = await import('sharp');
  return sharp(data, { raw: { width: PIXELS, height: PIXELS, channels: 3 } })
    .png()
    .toBuffer();
}

/** How much of a pixel the discs cover, 0 to 1, with edges smoothed over one pixel. */
function coverage(x: number, y: number): number {
  const shares = DISCS.map((disc) => disc.radius + 0.5 - Math.hypot(x - disc.x, y - disc.y));
  return Math.min(1, Math.max(0, ...shares));
}

/** HSL to RGB, 0 to 255 (CSS Color Module Level 4, section 7.1). */
function rgb(hue: number, saturation: number, lightness: number): readonly [number, number, number] {
  const amplitude = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number): number => {
    const position = (offset + hue / 30) % 12;
    return 255 * (lightness - amplitude * Math.max(-1, Math.min(position - 3, 9 - position, 1)));
  };
  return [channel(0), channel(8), channel(4)];
}
