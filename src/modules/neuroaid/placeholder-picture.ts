import sharp from 'sharp';

const HUES = 360;
const PIXELS = 256;

/**
 * A PNG of a person on a colour that belongs to the id. Without initials: a server need not have fonts for every script.
 */
export function placeholderPicture(id: string): Promise<Buffer> {
  const hue = Number.parseInt(id.replaceAll('-', '').slice(-6), 16) % HUES;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 128 128" width="${PIXELS}" height="${PIXELS}">
<rect width="128" height="128" fill="hsl(${hue}, 45%, 42%)"/>
<circle cx="64" cy="50" r="22" fill="#fff"/>
<path d="M20 128a44 44 0 0 1 88 0z" fill="#fff"/>
</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}
