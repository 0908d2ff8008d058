/** @param reason one of our own codes, in upper case */
export const placeholder = (reason: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 240" role="img" aria-label="No preview: ${reason}">
  <rect width="320" height="240" fill="#e2e8f0"/>
  <text x="160" y="115" font-family="sans-serif" font-size="18" text-anchor="middle" fill="#334155">No preview</text>
  <text x="160" y="142" font-family="sans-serif" font-size="11" text-anchor="middle" fill="#64748b">${reason}</text>
</svg>
`;
