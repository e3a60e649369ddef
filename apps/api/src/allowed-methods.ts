import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyInstance {
    /** Which methods a path takes. */
    readonly allowed: AllowedMethods;
  }
}

/** Knows the routes of an app. */
export interface AllowedMethods {
  /**
   * @param path without the query
   * @returns methods of the routes there, in the order of the alphabet; none where nothing is there
   */
  methodsAt(path: string): readonly string[];
}

/** Remembers every route that is added to the app from now on. */
export function allowedMethods(app: FastifyInstance): AllowedMethods {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ pattern: toPattern(url), methods: [method].flat() });
  });
  return {
    methodsAt(path) {
      const methods = routes.flatMap(({ pattern, methods: own }) => (pattern.test(path) ? own : []));
      return [...new Set(methods)].filter((method) => method !== 'OPTIONS').sort();
    },
  };
}

/** A parameter takes a part of a path up to a colon, whatever rule it has of its own; `::` is a colon, `*` the rest of the path. */
function toPattern(url: string): RegExp {
  const source = url
    .replaceAll(/\([^)]*\)/g, '')
    .split('/')
    .map((part) => {
      const [, parameter = '', rest] = /^(:\w+)?(.*)$/.exec(part) ?? [];
      const literal = rest.replace('::', ':').replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
      return `${parameter === '' ? '' : '[^/:]+'}${literal === '*' ? '.*' : literal}`;
    })
    .join('/');
  return new RegExp(`^${source}$`);
}
