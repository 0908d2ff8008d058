import { ValidateIf } from 'class-validator';
import { HttpsUrl } from '../../core/http/text.js';

export class ChangeVideoLink {
  /** https only; null removes it. @example https://video.example/dr-mansour */
  @ValidateIf((_, value) => value !== null)
  @HttpsUrl()
  videoUrl: string | null;
}

export class DoctorVideoLinkView {
  doctorId: string;
  /** @example https://video.example/dr-mansour */
  videoUrl: string | null;
  /** The version of the doctor; also the ETag. @example 1 */
  version: number;
}
