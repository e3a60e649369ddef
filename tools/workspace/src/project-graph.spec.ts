import { impliedEdges, mermaidEdges } from './project-graph.ts';

describe('mermaidEdges', () => {
  it('reads arrows, with or without a label at their start', () => {
    const diagram = 'flowchart LR\n  a["apps/a<br>one"] --> b-c\n  a --> d\n  d["libs/d"]\n';
    expect(mermaidEdges(diagram)).toEqual(['a --> b-c', 'a --> d']);
  });
});

describe('impliedEdges', () => {
  it('finds what a longer way says already', () => {
    const edges = ['a --> b', 'b --> c', 'c --> d', 'a --> c', 'a --> d', 'a --> e'] as const;
    expect(impliedEdges(edges)).toEqual(new Set(['a --> c', 'a --> d']));
  });

  it('finds nothing where every edge is needed', () => {
    expect(impliedEdges(['a --> b', 'a --> c', 'b --> d', 'c --> d'])).toEqual(new Set());
  });
});
