/** Loads the image library with the first image: it takes 11 MiB, which processes without images save. */
export const loadSharp = (): ReturnType<typeof load> => (loaded ??= load());

let loaded: ReturnType<typeof load> | null = null;

async function load() {
  const { default: sharp } = await import('sharp');
  // No image is read twice, so a cache would only hold memory.
  sharp.cache(false);
  // libvips supports many more formats, of which some run code or fetch files: only these three are allowed.
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp'] });
  return sharp;
}
