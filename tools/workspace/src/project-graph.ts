/** `A --> B`: A imports B. */
export type Edge = `${string} --> ${string}`;

/** @returns the arrows of a Mermaid flowchart, by the names of their ends */
export function mermaidEdges(diagram: string): Edge[] {
  const arrow = /^\s*([\w-]+)(?:\["[^"]*"\])? --> ([\w-]+)/gm;
  return [...diagram.matchAll(arrow)].map(([, from, to]): Edge => `${from} --> ${to}`);
}

/** @returns the edges that a longer way between the same ends makes needless; the graph must have no cycles */
export function impliedEdges(edges: readonly Edge[]): Set<Edge> {
  const targets = new Map<string, string[]>();
  for (const edge of edges) {
    const [from, to] = edge.split(' --> ');
    targets.set(from, [...(targets.get(from) ?? []), to]);
  }
  const reaches = (from: string, to: string): boolean =>
    (targets.get(from) ?? []).some((next) => next === to || reaches(next, to));
  return new Set(
    edges.filter((edge) => {
      const [from, to] = edge.split(' --> ');
      return (targets.get(from) ?? []).some((next) => next !== to && reaches(next, to));
    }),
  );
}
