import { assess } from '../../src/modules/ai/assessment.js';
import type { LinearModel } from '../../src/modules/ai/classifier/linear-model.js';
import { loadWeights } from '../../src/modules/ai/classifier/weights.js';
import type { Phrase } from './corpus.js';
import { toShare, type Share } from './interval.js';

/** How a message is answered. CRISIS is EMERGENCY with the text about self-harm. */
export type Outcome = 'EMERGENCY' | 'CRISIS' | 'HEALTH' | 'ADMIN';

export interface Result {
  phrase: Phrase;
  outcome: Outcome;
  /** Whether it is still answered as an emergency with each of MINIMISERS after it. True if it is not checked. */
  withMinimisers: boolean;
}

/** Sentences that must not lower an emergency. They do not occur in training (augment.ts has others). */
const MINIMISERS: Readonly<Record<Phrase['language'], readonly string[]>> = {
  en: ['my family says it is nothing', 'probably just stress', "don't want to bother anyone"],
  ar: ['أهلي يقولون إنه لا شيء', 'غالبا مجرد توتر', 'مش عايز أتعب حد'],
  hi: ['मेरे परिवार वाले कहते हैं कि कुछ नहीं है', 'shayad bas stress hai', 'किसी को तकलीफ़ नहीं देना चाहता'],
};
const SEPARATORS = ['. ', ', ', ' '];

function toOutcome(text: string, weights: LinearModel): Outcome {
  const assessment = assess(text, [], weights);
  if (assessment.kind === 'ADMINISTRATIVE') return 'ADMIN';
  if (assessment.kind === 'HEALTH') return 'HEALTH';
  return assessment.emergency.flag === 'SELF_HARM' ? 'CRISIS' : 'EMERGENCY';
}

/** @param options.minimisers whether each emergency is assessed with minimisers after it, too: nine more texts */
export function evaluate(
  phrases: readonly Phrase[],
  { weights = loadWeights(), minimisers = true }: { weights?: LinearModel; minimisers?: boolean } = {},
): Result[] {
  return phrases.map((phrase) => {
    const outcome = toOutcome(phrase.text, weights);
    const isChecked = minimisers && isEmergency(outcome) && phrase.label === 'EMERGENCY';
    return {
      phrase,
      outcome,
      withMinimisers: !isChecked || MINIMISERS[phrase.language].every(keeps(phrase.text, weights)),
    };
  });
}

const keeps = (text: string, weights: LinearModel) => (minimiser: string) =>
  SEPARATORS.every((separator) => isEmergency(toOutcome(`${text}${separator}${minimiser}`, weights)));

export const isEmergency = (outcome: Outcome): boolean => outcome === 'EMERGENCY' || outcome === 'CRISIS';

/** The figures of issue 15, for the results of one language. */
export interface Figures {
  recall: Share;
  coverage: Share;
  selfHarm: Share;
  /** Of the messages that get the text about self-harm, those about self-harm. */
  crisisPrecision: Share;
  withMinimisers: Share;
  falseAlarms: Share;
  administrative: Share;
  besideOther: Share;
  byKind: ReadonlyMap<string, Share>;
}

/** A present sign beside a past illness or a negation. */
const BESIDE_OTHER: ReadonlySet<string> = new Set(['past-and-present', 'negation-and-present']);

export function toFigures(results: readonly Result[]): Figures {
  const emergencies = results.filter(({ phrase }) => phrase.label === 'EMERGENCY');
  const harmless = results.filter(({ phrase }) => phrase.label !== 'EMERGENCY');
  const found = ({ outcome }: Result): boolean => isEmergency(outcome);
  const share = (of: readonly Result[], test: (result: Result) => boolean): Share =>
    toShare(of.filter(test).length, of.length);
  const ofKind = (kind: string): Result[] => results.filter(({ phrase }) => phrase.kind === kind);
  const kinds = [...new Set(results.map(({ phrase }) => phrase.kind))];
  return {
    recall: share(emergencies, found),
    coverage: share(emergencies, ({ outcome }) => outcome !== 'ADMIN'),
    selfHarm: share(ofKind('self-harm'), found),
    crisisPrecision: share(
      results.filter(({ outcome }) => outcome === 'CRISIS'),
      ({ phrase }) => phrase.kind === 'self-harm',
    ),
    withMinimisers: share(emergencies.filter(found), ({ withMinimisers }) => withMinimisers),
    falseAlarms: share(harmless, found),
    administrative: share(
      results.filter(({ phrase }) => phrase.label === 'ADMIN'),
      ({ outcome }) => outcome === 'ADMIN',
    ),
    besideOther: share(
      results.filter(({ phrase }) => BESIDE_OTHER.has(phrase.kind)),
      found,
    ),
    byKind: new Map(kinds.map((kind) => [kind, share(ofKind(kind), isAnsweredRightly)])),
  };
}

/** Emergencies: answered as one. Administrative messages: answered as such. Other messages: not answered as an emergency. */
function isAnsweredRightly({ phrase, outcome }: Result): boolean {
  if (phrase.label === 'EMERGENCY') return isEmergency(outcome);
  return phrase.label === 'ADMIN' ? outcome === 'ADMIN' : !isEmergency(outcome);
}
