import { isIPv4, isIPv6 } from 'node:net';

declare module 'fastify' {
  interface FastifyRequest {
    /** Client that limits and shares count for: the name of its token, or its address. */
    client: string;
  }
}

/** Time after its last request for which a client shares the service with others, in milliseconds. */
const RECENT_MS = 1000;

/** Clients that have sent a request within the last second. */
export class RecentClients {
  /** Time of the last request by client, in that order. */
  readonly #seenAt = new Map<string, number>();

  /** Notes a request of a client. */
  see(client: string): void {
    this.#seenAt.delete(client);
    this.#seenAt.set(client, performance.now());
    this.#forget();
  }

  /** Whether there are several clients. If so, the work of each is bounded, so the others don't wait for it; a single client may use everything. */
  get areSeveral(): boolean {
    this.#forget();
    return this.#seenAt.size > 1;
  }

  #forget(): void {
    const oldest = performance.now() - RECENT_MS;
    for (const [client, seenAt] of this.#seenAt) {
      if (seenAt >= oldest) return;
      this.#seenAt.delete(client);
    }
  }
}

/** Number of groups of an IPv6 address that name a network; a customer of a provider has all addresses of one. */
const NETWORK_GROUPS = 4;

/**
 * Returns the client of an address. Ports, which some proxies add, do not count, and an IPv6 network of 64 bits is one client.
 *
 * @example
 * clientOfAddress('192.0.2.1:4711'); // '192.0.2.1'
 * clientOfAddress('[2001:db8::1]:80'); // '2001:db8:0:0'
 */
export function clientOfAddress(text: string): string {
  if (isIPv4(text)) return text;
  const address = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([^:]+):\d+$/.exec(text)?.[1] ?? text;
  const inner = /^::ffff:([\d.]+)$/i.exec(address)?.[1] ?? address;
  return isIPv6(inner) ? networkOf(inner.toLowerCase()) : inner;
}

function networkOf(address: string): string {
  const [before, after] = address.split('::').map((part) => (part === '' ? [] : part.split(':')));
  // An IPv4 address at the end, in decimal, stands for two groups.
  const numAfter = (after as string[] | undefined)?.reduce((sum, group) => sum + (group.includes('.') ? 2 : 1), 0) ?? 0;
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - numAfter) }, () => '0');
  const groups = [...before, ...zeros, ...((after as string[] | undefined) ?? [])];
  return groups
    .slice(0, NETWORK_GROUPS)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
