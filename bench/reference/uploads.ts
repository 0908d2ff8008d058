import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import busboy from 'busboy';
import express from 'express';
import sharp from 'sharp';

/**
 * The reference of uploads: a form is streamed to disk and hashed, with only Express and busboy. With
 * REFERENCE_PICTURES it also makes the served files, by sharp, because a server must decode an image before it
 * can respond with 422 to a broken one.
 */
const folder = process.env.STORAGE_DIR as string;
const withPictures = process.env.REFERENCE_PICTURES === 'true';

sharp.cache(false);
await mkdir(folder, { recursive: true });

async function pictures(path: string): Promise<void> {
  const image = sharp(path, { failOn: 'error', sequentialRead: true }).autoOrient();
  const { format } = await image.metadata();
  const whole =
    format === 'png'
      ? image.png({ compressionLevel: 3, adaptiveFiltering: false })
      : image.jpeg({ quality: 95, chromaSubsampling: '4:2:0', optimiseCoding: false });
  await whole.toFile(`${path}.served`);
  const { data, info } = await sharp(path)
    .resize(512, 512, { fit: 'inside' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const sample = sharp(data, { raw: info });
  await sample.clone().resize(320, 320, { fit: 'inside' }).jpeg({ quality: 80 }).toFile(`${path}.thumbnail`);
}

const app = express();
app.get('/health/live', (_request, response) => void response.json({ status: 'ok' }));
app.post('/api/v1/scans', (request, response) => {
  const form = busboy({ headers: request.headers, limits: { files: 1 } });
  form.on('file', (_name, stream) => {
    const hash = createHash('sha256');
    const path = join(folder, randomUUID());
    const hashing = new Transform({
      transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    pipeline(stream, hashing, createWriteStream(path))
      .then(() => (withPictures ? pictures(path) : undefined))
      .then(() => response.status(201).json({ success: true, data: { sha256: hash.digest('hex') } }))
      .catch(() => response.status(500).end());
  });
  request.pipe(form);
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => server.close(() => process.exit(0)));
