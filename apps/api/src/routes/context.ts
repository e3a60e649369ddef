import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  onRequestHookHandler,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import { Type } from 'typebox';
import type { ModelHost, ServedModel } from '../inference/model-host.ts';
import { ApiError } from '../service/errors.ts';
import type { Metrics } from '../service/metrics.ts';
import type { Settings } from '../service/settings.ts';

/** Dependencies of the routes. */
export interface RouteContext {
  readonly settings: Settings;
  readonly host: ModelHost;
  readonly metrics: Metrics;
  /** Version of the service's package. */
  readonly serverVersion: string;
}

/** Fastify instance whose requests have the types of their schemas. */
export type TypedApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** Name of the network's input tensor. */
export const INPUT_NAME = 'images';

/** Parameters in the path of a model. */
export const ModelPath = Type.Object({
  model: Type.String({ description: 'Name of the model, `digits` by default.' }),
});

/** Parameters in the path of a model's version. */
export const VersionPath = Type.Object({
  ...ModelPath.properties,
  version: Type.String({ description: 'Version of the model, `1` by default.' }),
});

/** Parameters of either path. */
export interface ModelParams {
  readonly model: string;
  readonly version?: string;
}

/**
 * Finds the model that a path names.
 *
 * @throws ApiError `MODEL_NOT_FOUND`, or `NOT_READY` before the model is loaded
 */
export function findModel({ settings, host }: RouteContext, { model, version }: ModelParams): ServedModel {
  if (model !== settings.modelName) {
    throw new ApiError('MODEL_NOT_FOUND', `the model must be "${settings.modelName}", got "${model.slice(0, 40)}"`);
  }
  if (version !== undefined && version !== settings.modelVersion) {
    throw new ApiError(
      'MODEL_NOT_FOUND',
      `the version must be "${settings.modelVersion}", got "${version.slice(0, 40)}"`,
    );
  }
  return host.requireServed();
}

/** Creates a hook that refuses a request before its body is read if the queue is full, so that a refusal costs little. */
export function refuseWhenFull({ host }: RouteContext): onRequestHookHandler {
  return (_, __, done) => {
    try {
      host.served?.predictor.requireRoom();
      done();
    } catch (error) {
      done(error as ApiError);
    }
  };
}
