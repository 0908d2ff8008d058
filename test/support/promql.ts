import type { SyntaxNode, Tree } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

export interface PromQuery {
  metrics: string[];
  /** Names of labels in selectors and groupings. */
  labels: string[];
  /** Whether the whole text could be parsed. */
  isValid: boolean;
}

/** The metrics and labels of a PromQL expression. */
export function readPromQl(text: string): PromQuery {
  const tree: Tree = parser.parse(text);
  const found: PromQuery = { metrics: [], labels: [], isValid: true };
  tree.iterate({
    enter({ type, node }) {
      if (type.isError) found.isValid = false;
      if (type.name === 'VectorSelector') found.metrics.push(...identifiers(node.getChild('Identifier'), text));
      if (type.name === 'LabelName') found.labels.push(text.slice(node.from, node.to));
    },
  });
  return found;
}

const identifiers = (node: SyntaxNode | null, text: string): string[] => (node ? [text.slice(node.from, node.to)] : []);
