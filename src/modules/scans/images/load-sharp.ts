/** Loads the image library with the first image, because it needs 11 MiB. */
export const loadSharp = (): ReturnType<typeof load> => (loaded ??= load());

let loaded: ReturnType<typeof load> | null = null;

async function load() {
  const { default: sharp } = await import('sharp');
  // No image is read twice, so a cache would only hold memory.
  sharp.cache(false);
  // libvips supports many other formats, some of which run code or fetch files. Only these three are allowed.
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp'] });
  return sharp;
}
