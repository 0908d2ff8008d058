import { z } from 'zod';
import { ProviderError } from '../../../core/resilience/provider-error.js';
import type { ModelAnswer, OutputSettings } from './model.js';

/* The JSON of the Open Inference Protocol, version 2, and what CareSlot supports of it. */

const Name = z.string().max(200);
const Sizes = z.array(z.coerce.number().int()).max(8);

const Metadata = z.object({
  inputs: z.array(z.object({ name: Name, datatype: z.string(), shape: Sizes })).max(100),
});

const Answer = z.object({
  model_name: Name,
  model_version: Name.nullish(),
  outputs: z
    .array(
      z.object({ name: Name, datatype: z.string(), shape: Sizes.optional(), data: z.array(z.unknown()).max(10_000) }),
    )
    .max(100),
});

const Probability = z.number().min(0).max(1);
const Label = z.string().max(200);

/** More values of one image than this are not sent as JSON: a colour image of 1024 x 1024 pixels. */
const MAX_VALUES = 3 * 1024 * 1024;
/** Values of one request. */
const MAX_REQUEST_VALUES = 4 * 1024 * 1024;
const MAX_BATCH = 8;

interface InputBase {
  name: string;
  /** The maximum number of images in a request. */
  maxBatch: number;
}

/** The input of a model that takes the pixels. */
export interface TensorInput extends InputBase {
  datatype: 'FP32' | 'UINT8';
  layout: 'NCHW' | 'NHWC';
  channels: 1 | 3;
  height: number;
  width: number;
}

/** The input of a model that takes a PNG in base64. */
export interface BytesInput extends InputBase {
  datatype: 'BYTES';
  dimensions: number;
}

export type ImageInput = TensorInput | BytesInput;

const unsupported = (): ProviderError => new ProviderError('UNSUPPORTED_MODEL');

/**
 * Reads from the metadata of a model how it takes images.
 * @param side the height and width to use where the model takes any
 * @throws ProviderError BAD_ANSWER; UNSUPPORTED_MODEL if it has several inputs, or one that is no image
 */
export function readImageInput(metadata: unknown, side: number): ImageInput {
  const parsed = Metadata.safeParse(metadata);
  if (!parsed.success) throw new ProviderError('BAD_ANSWER');
  const [input, second] = parsed.data.inputs;
  if (!input || second) throw unsupported();
  const { name, datatype, shape } = input;
  const [batch = 0, ...size] = shape;
  if (batch !== -1 && batch !== 1) throw unsupported();
  if (datatype === 'BYTES') {
    if (size.length > 1 || size.some((length) => length !== 1)) throw unsupported();
    return { name, datatype, dimensions: shape.length, maxBatch: batch === 1 ? 1 : MAX_BATCH };
  }
  if ((datatype !== 'FP32' && datatype !== 'UINT8') || size.length !== 3) throw unsupported();
  const pixels = readPixels(size as [number, number, number], side);
  const values = pixels.channels * pixels.height * pixels.width;
  if (values > MAX_VALUES) throw unsupported();
  const maxBatch = batch === 1 ? 1 : Math.max(1, Math.min(MAX_BATCH, Math.floor(MAX_REQUEST_VALUES / values)));
  return { name, datatype, maxBatch, ...pixels };
}

type Pixels = Pick<TensorInput, 'layout' | 'channels' | 'height' | 'width'>;

const isChannels = (length: number): length is 1 | 3 => length === 1 || length === 3;

/** @throws ProviderError UNSUPPORTED_MODEL if it is not clear which dimension has the channels */
function readPixels([first, second, third]: [number, number, number], side: number): Pixels {
  const toSide = (length: number): number => {
    if (length !== -1 && length < 1) throw unsupported();
    return length === -1 ? side : length;
  };
  if (isChannels(first) === isChannels(third)) throw unsupported();
  if (isChannels(first)) return { layout: 'NCHW', channels: first, height: toSide(second), width: toSide(third) };
  return { layout: 'NHWC', channels: third as 1 | 3, height: toSide(first), width: toSide(second) };
}

/**
 * Reads the answers for the images of a request, in their order. Every value is checked: an answer that is not complete is no answer.
 * @param version the requested version; undefined if the server may choose
 * @throws ProviderError BAD_ANSWER
 */
export function readAnswers(body: unknown, count: number, settings: OutputSettings, version?: string): ModelAnswer[] {
  const answer = Answer.safeParse(body);
  if (!answer.success) throw badAnswer();
  const { model_name: modelId, model_version, outputs } = answer.data;
  if (version && model_version && model_version !== version) throw badAnswer();
  const modelVersion = model_version ?? version ?? null;
  const results =
    settings.labels.length > 0 ? readClasses(outputs, count, settings) : readScores(outputs, count, settings);
  return results.map((result) => ({ modelId, modelVersion, summary: null, ...result }));
}

type Output = z.output<typeof Answer>['outputs'][number];
type Result = Pick<ModelAnswer, 'label' | 'score' | 'findingScore'>;

const badAnswer = (): ProviderError => new ProviderError('BAD_ANSWER');

/** The outputs `score` and, optionally, `label`, with one value for each image. */
function readScores(outputs: Output[], count: number, { negativeLabel }: OutputSettings): Result[] {
  const read = <T>(name: string, type: z.ZodType<T>): T[] | null => {
    const output = outputs.find((each) => each.name === name);
    if (!output) return null;
    const values = z.array(type).length(count).safeParse(toValues(output));
    if (!values.success) throw badAnswer();
    return values.data;
  };
  const scores = read('score', Probability);
  const labels = read('label', Label);
  if (!scores) throw badAnswer();
  return scores.map((score, n) => {
    const label = labels?.[n] ?? null;
    return { label, score, findingScore: label !== null && label === negativeLabel ? 1 - score : score };
  });
}

/** The one output that has a number for each label and image. */
function readClasses(outputs: Output[], count: number, settings: OutputSettings): Result[] {
  const { labels } = settings;
  const numeric = outputs.filter(({ datatype }) => datatype === 'FP32' || datatype === 'FP64');
  const [output, second] = numeric;
  if (!output || second || (output.shape && output.shape.at(-1) !== labels.length)) throw badAnswer();
  const values = z
    .array(z.number())
    .length(count * labels.length)
    .safeParse(toValues(output));
  if (!values.success) throw badAnswer();
  return Array.from({ length: count }, (_, n) =>
    toResult(values.data.slice(n * labels.length, (n + 1) * labels.length), settings),
  );
}

function toResult(values: number[], { labels, negativeLabel, activation }: OutputSettings): Result {
  const probabilities = z.array(Probability).safeParse(ACTIVATIONS[activation](values));
  if (!probabilities.success) throw badAnswer();
  const score = Math.max(...probabilities.data);
  const findings = probabilities.data.filter((_, n) => labels[n] !== negativeLabel);
  return { label: labels[probabilities.data.indexOf(score)] as string, score, findingScore: Math.max(...findings) };
}

const ACTIVATIONS: Record<OutputSettings['activation'], (values: number[]) => number[]> = {
  none: (values) => values,
  sigmoid: (values) => values.map((value) => 1 / (1 + Math.exp(-value))),
  softmax: (values) => {
    const highest = Math.max(...values);
    const powers = values.map((value) => Math.exp(value - highest));
    const sum = powers.reduce((total, power) => total + power, 0);
    return powers.map((power) => power / sum);
  },
};

/** The protocol allows a flat list and nested ones. */
function toValues({ shape, data }: Output): unknown[] {
  const values = data.flat(7);
  if (shape && shape.reduce((product, length) => product * length, 1) !== values.length) throw badAnswer();
  return values;
}
