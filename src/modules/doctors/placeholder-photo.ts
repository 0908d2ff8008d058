const HUES = 360;

/** The first letter or digit of a name, which needs no escaping in XML; empty if it has none. */
const getInitial = (name: string): string => /[\p{L}\p{N}]/u.exec(name)?.[0] ?? '';

/** Creates an SVG with the initials on a colour derived from the id, for doctors without a photo. */
export function placeholderPhoto(id: string, firstName: string, lastName: string): string {
  const initials = [firstName, lastName].map(getInitial).join('').toUpperCase();
  const hue = Number.parseInt(id.replaceAll('-', '').slice(-6), 16) % HUES;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 128 128" width="128" height="128" role="img">
<rect width="128" height="128" fill="hsl(${hue} 45% 42%)"/>
<text x="64" y="66" fill="#fff" font-family="system-ui, sans-serif" font-size="52" text-anchor="middle" dominant-baseline="middle">${initials}</text>
</svg>
`;
}
