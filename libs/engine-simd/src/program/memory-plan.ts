/** Cache lines: every allocation begins on one. */
const ALIGNMENT = 64;

/** Hands out stretches of a memory, one behind the other; nothing is ever given back. */
export interface MemoryPlan {
  /** @returns the address of `bytes` bytes, on a 64-byte boundary */
  readonly allocate: (bytes: number) => number;
  /** Bytes handed out so far, counted from address 0. */
  readonly size: () => number;
}

/**
 * Plans a memory.
 *
 * @param start first free address
 */
export function planMemory(start: number): MemoryPlan {
  let end = align(start);
  return {
    allocate: (bytes) => {
      const address = end;
      end = align(end + bytes);
      return address;
    },
    size: () => end,
  };
}

/** As {@link planMemory} for a thread's own arena: addresses come as programs write them, `~offset`. */
export function planArena(): MemoryPlan {
  const plan = planMemory(0);
  return { allocate: (bytes) => ~plan.allocate(bytes), size: plan.size };
}

/** Rounds up to whole cache lines. */
export function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
