import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const workspaceRoot = join(__dirname, '..', '..', '..');

/** `A --> B`: A imports B. */
type Edge = `${string} --> ${string}`;

interface NxGraph {
  readonly graph: {
    readonly nodes: Readonly<Record<string, { readonly data: { readonly root: string } }>>;
    readonly dependencies: Readonly<Record<string, readonly { readonly source: string; readonly target: string }[]>>;
  };
}

/** Who imports whom, by folder names, tools left out. */
function importsOfTheHouse(): { readonly projects: string[]; readonly edges: Edge[] } {
  const nx = createRequire(__filename).resolve('nx/bin/nx.js');
  const { stdout } = spawnSync(process.execPath, [nx, 'graph', '--print'], {
    cwd: workspaceRoot,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    env: { ...process.env, NX_DAEMON: 'false', NODE_OPTIONS: '' },
  });
  const { graph } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as NxGraph;
  const folders = new Map(
    Object.entries(graph.nodes)
      .map(([name, { data }]) => [name, data.root] as const)
      .filter(([, root]) => /^(apps|libs)\//.test(root))
      .map(([name, root]) => [name, root.slice(root.indexOf('/') + 1)]),
  );
  const edges = Object.values(graph.dependencies).flatMap((dependencies) =>
    dependencies.flatMap(({ source, target }): Edge[] => {
      const [from, to] = [folders.get(source), folders.get(target)];
      return from === undefined || to === undefined ? [] : [`${from} --> ${to}`];
    }),
  );
  return { projects: [...folders.values()], edges: [...new Set(edges)] };
}

/** Reads the arrows of a Mermaid flowchart, by the names of their ends. */
function mermaidEdges(diagram: string): Edge[] {
  const arrow = /^\s*([\w-]+)(?:\["[^"]*"\])? --> ([\w-]+)/gm;
  return [...diagram.matchAll(arrow)].map(([, from, to]): Edge => `${from} --> ${to}`);
}

/** Finds the edges that a longer path between the same ends implies; the graph must have no cycles. */
function impliedEdges(edges: readonly Edge[]): Set<Edge> {
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

describe('the diagram of docs/architecture.md', () => {
  const document = readFileSync(join(workspaceRoot, 'docs', 'architecture.md'), 'utf8');
  const diagram = /```mermaid\n(.*?)```/s.exec(document)?.[1] ?? '';

  it("shows the imports of Nx's project graph, but for those that others imply", () => {
    const { projects, edges } = importsOfTheHouse();
    const implied = impliedEdges(edges);
    const shown = mermaidEdges(diagram);

    expect([...shown].sort()).toEqual(edges.filter((edge) => !implied.has(edge)).sort());
    expect(projects.filter((project) => !diagram.includes(`${project}["`))).toEqual([]);
  }, 120_000);
});
