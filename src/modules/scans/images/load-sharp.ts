/** Loads the image library with the first picture: it takes 11 MiB, and most processes never see one. */
export const loadSharp = (): ReturnType<typeof load> => (loaded ??= load());

let loaded: ReturnType<typeof load> | null = null;

async function load() {
  const { default: sharp } = await import('sharp');
  // Pictures of strangers are never wanted twice, and memory that is kept for them would be.
  sharp.cache(false);
  // libvips knows many formats more, of which some run code or fetch files: only these three are ever opened.
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp'] });
  return sharp;
}
