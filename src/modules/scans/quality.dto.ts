/** Facts on the picture as a picture, never a finding. */
export class QualityView {
  /** All of it is one grey. */
  blank: boolean;
  /** Standard deviation of the greys, 0..127. @example 52.1 */
  contrast: number;
  /** Variance of the Laplacian. @example 310.4 */
  sharpness: number;
  blurred: boolean;
  /** Share of pixels that are black or white beyond measure. @example 0.12 */
  saturatedShare: number;
}
