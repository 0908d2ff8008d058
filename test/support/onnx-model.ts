/** What the image must look like, and what the model makes of it. */
export interface OnnxModelSpec {
  datatype?: 'FP32' | 'UINT8';
  layout?: 'NCHW' | 'NHWC';
  channels?: 1 | 3;
  /** Undefined: any size. */
  side?: number;
  /** Undefined: any number of images. */
  batch?: number;
  /** For each channel, the weight of its mean for each value of the output. */
  weights?: number[][];
  bias?: number[];
  head?: 'SIGMOID' | 'SOFTMAX' | 'LOGITS' | 'NOT_A_NUMBER' | 'EMPTY';
  output?: string;
}

const FLOAT = 1;
const UINT8 = 2;
const INT64 = 7;
const OPSET = 17;
const IR_VERSION = 8;

/** The score is `1 / (1 + exp(-(4 * mean - 2)))` of the mean of all values. */
export const MEAN_WEIGHT = 4;
export const MEAN_BIAS = -2;

/**
 * Writes an ONNX model: the mean of each channel, then a matrix, a bias and an activation. Its result for an image of known values can
 * be computed exactly. The protocol buffers are written by hand, so that the test needs no Python.
 */
export function createOnnxModel(spec: OnnxModelSpec = {}): Uint8Array {
  const { datatype = 'FP32', layout = 'NCHW', channels = 3, side, batch, head = 'SIGMOID', output = 'score' } = spec;
  const weights = spec.weights ?? Array.from({ length: channels }, () => [MEAN_WEIGHT / channels]);
  const bias = spec.bias ?? [MEAN_BIAS];
  const size = [side ?? 'height', side ?? 'width'];
  const shape = [batch ?? 'batch', ...(layout === 'NCHW' ? [channels, ...size] : [...size, channels])];
  const nodes: Buffer[] = [];
  let last = 'image';
  const add = (op: string, others: string[] = [], attributes: Buffer[] = [], name = `${op}-${nodes.length}`): void => {
    const inputs = [last, ...others].map((input) => text(1, input));
    nodes.push(message(1, [...inputs, text(2, name), text(4, op), ...attributes]));
    last = name;
  };
  if (datatype === 'UINT8') {
    add('Cast', [], [integerAttribute('to', FLOAT)]);
    add('Div', ['full']);
  }
  if (layout === 'NHWC') add('Transpose', [], [integersAttribute('perm', [0, 3, 1, 2])]);
  add('GlobalAveragePool');
  add('Flatten');
  add('MatMul', ['weights']);
  const isLogits = head === 'LOGITS';
  add('Add', ['bias'], [], isLogits ? output : undefined);
  if (head === 'SIGMOID') add('Sigmoid', [], [], output);
  if (head === 'SOFTMAX') add('Softmax', [], [], output);
  if (head === 'NOT_A_NUMBER') {
    add('Mul', ['nothing']);
    add('Div', ['nothing'], [], output);
  }
  if (head === 'EMPTY') add('Slice', ['zero', 'zero', 'one'], [], output);
  const graph = [
    ...nodes,
    text(2, 'means'),
    message(5, floats('weights', [channels, bias.length], weights.flat())),
    message(5, floats('bias', [bias.length], bias)),
    message(5, floats('full', [1], [255])),
    message(5, floats('nothing', [1], [0])),
    message(5, integers('zero', [0])),
    message(5, integers('one', [1])),
    message(11, valueInfo('image', datatype === 'FP32' ? FLOAT : UINT8, shape)),
    message(12, valueInfo(output, FLOAT, [batch ?? 'batch', head === 'EMPTY' ? 0 : bias.length])),
  ];
  return Buffer.concat([
    integer(1, IR_VERSION),
    text(2, 'careslot-test'),
    message(7, graph),
    message(8, [text(1, ''), integer(2, OPSET)]),
  ]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

const integer = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)]);

const bytes = (field: number, value: Buffer): Buffer =>
  Buffer.concat([varint(field * 8 + 2), varint(value.length), value]);

const text = (field: number, value: string): Buffer => bytes(field, Buffer.from(value));

const message = (field: number, parts: Buffer[]): Buffer => bytes(field, Buffer.concat(parts));

/** AttributeProto: the types 2 and 7 are an integer and several. */
const integerAttribute = (name: string, value: number): Buffer =>
  message(5, [text(1, name), integer(3, value), integer(20, 2)]);

const integersAttribute = (name: string, values: number[]): Buffer =>
  message(5, [text(1, name), ...values.map((value) => integer(8, value)), integer(20, 7)]);

const floats = (name: string, dims: number[], values: number[]): Buffer[] => [
  ...dims.map((dim) => integer(1, dim)),
  integer(2, FLOAT),
  text(8, name),
  bytes(9, Buffer.from(Float32Array.from(values).buffer)),
];

const integers = (name: string, values: number[]): Buffer[] => [
  integer(1, values.length),
  integer(2, INT64),
  text(8, name),
  bytes(9, Buffer.from(BigInt64Array.from(values.map(BigInt)).buffer)),
];

const valueInfo = (name: string, type: number, shape: (number | string)[]): Buffer[] => {
  const dims = shape.map((dim) => message(1, [typeof dim === 'string' ? text(2, dim) : integer(1, dim)]));
  return [text(1, name), message(2, [message(1, [integer(1, type), message(2, dims)])])];
};
