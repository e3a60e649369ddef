import { availableParallelism, cpus, totalmem } from 'node:os';

/** Where figures were measured. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly node: string;
}

/** Describes this machine. */
export function describeMachine(): Machine {
  return {
    processor: cpus().at(0)?.model.trim() ?? 'unknown processor',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
  };
}

/** The machine in one line. */
export function machineLine({ processor, cores, memoryGiB, platform, node }: Machine): string {
  return `${processor}, ${cores} cores, ${memoryGiB} GiB, ${platform}, Node ${node}`;
}
