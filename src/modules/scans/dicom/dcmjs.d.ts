/** The part of dcmjs that is used: its dictionary here, its reader and writer in tests. The package brings no types. */
declare module 'dcmjs' {
  interface Element {
    vr: string;
    Value: unknown[];
  }

  export class DicomDict {
    constructor(meta: Record<string, Element>);
    meta: Record<string, Element>;
    dict: Record<string, Element>;
    write(options?: { fragmentMultiframe?: boolean }): ArrayBuffer;
  }

  interface Dcmjs {
    data: {
      DicomMessage: { readFile(buffer: ArrayBuffer, options?: { ignoreErrors?: boolean }): DicomDict };
      DicomDict: typeof DicomDict;
      /** PS3.6, by tags as `(0008,0060)`. */
      DicomMetaDictionary: { dictionary: Record<string, { vr: string } | undefined> };
    };
  }

  const dcmjs: Dcmjs;
  export default dcmjs;
}
