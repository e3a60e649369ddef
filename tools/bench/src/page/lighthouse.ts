import { type BenchSite, DEBUGGING_PORT } from './site.ts';

/** In [0, 100], or null where Lighthouse is not installed. */
export type LighthouseScores = Readonly<Record<string, number>> | null;

interface LighthouseModule {
  readonly default: (
    url: string,
    flags: Readonly<Record<string, unknown>>,
  ) => Promise<{ lhr: { categories: Record<string, { id: string; score: number | null }> } } | undefined>;
}

/** Asks Lighthouse, as on a phone. It is installed by `npm ci --prefix tools/bench`. */
export async function measureLighthouse({ url }: BenchSite): Promise<LighthouseScores> {
  const name = 'lighthouse';
  const module = await (import(name) as Promise<LighthouseModule>).catch(() => null);
  if (module === null) return null;
  const result = await module.default(`${url}/`, { port: DEBUGGING_PORT, output: 'json', logLevel: 'silent' });
  if (result === undefined) throw new Error('bench web: Lighthouse must give a result, got none');
  const categories = Object.values(result.lhr.categories);
  return Object.fromEntries(categories.map(({ id, score }) => [id, Math.round(100 * (score ?? 0))]));
}
