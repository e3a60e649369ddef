import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { impliedEdges, mermaidEdges, type Edge } from './project-graph.ts';

const workspaceRoot = join(__dirname, '..', '..', '..');

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
