import { finishPixelTraining, preparePages, sha256, type TargetImages } from '@digits/model';
import { saveModel } from '@digits/model/node';
import { PAGE_CHANNELS } from '@digits/synthesis';
import { formatCount } from '../formats.ts';
import { generatePagesInThreads } from './generate-pages.ts';
import { writeModelCard } from './model-card.ts';
import type { PreparedRun, TrainingEvent } from './prepared-run.ts';
import { configFor, type RunRequest } from './training-request.ts';

/**
 * Generates the pages of a run whose network answers for pixels.
 *
 * @param emit is told how many pages are generated
 * @param signal ends the generation
 * @throws UsageError for settings that cannot be; the signal's reason
 */
export async function preparePixelRun(
  request: RunRequest,
  emit: (event: TrainingEvent) => void,
  signal: AbortSignal,
): Promise<PreparedRun<TargetImages>> {
  const config = configFor(request, null);
  const total = (config.pages?.count ?? 0) + 2 * config.validationSize;
  emit({ type: 'note', text: `Generating ${formatCount(total)} pages...` });
  const onPages = (count: number) => {
    emit({ type: 'pages', count, total });
  };
  const pages = await preparePages(config, (pageRequest) =>
    generatePagesInThreads(pageRequest, { threads: request.engine.threads, signal, onPages }),
  );
  const { train, validation } = pages;
  const counts = `${train.count} training and ${validation.count} validation pages`;
  return {
    config,
    data: pages,
    preprocessing: 'none',
    checksum: sha256(validation.targets),
    addedChecksum: null,
    summary: `generated pages: ${counts}`,
    notes: [],
    numRejected: 0,
    writeFacts: async () => {},
    finish: async (run, weights, engine) => {
      const { model, figures } = await finishPixelTraining({ config, weights, engine, channels: PAGE_CHANNELS, pages });
      await saveModel(run.modelDir, model, { precision: config.precision });
      await writeModelCard(run.modelDir, model);
      return { figures: { figures }, weightsSha256: model.metadata.weightsSha256, test: null };
    },
  };
}
