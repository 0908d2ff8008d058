/** The technical quality of the image; not a medical finding. */
export class QualityView {
  /** Whether the whole image has one shade of grey. */
  blank: boolean;
  /** Standard deviation of the grey values, 0 to 127. @example 52.1 */
  contrast: number;
  /** Variance of the Laplacian. @example 310.4 */
  sharpness: number;
  blurred: boolean;
  /** Share of pixels that are saturated: black or white. @example 0.12 */
  saturatedShare: number;
}
