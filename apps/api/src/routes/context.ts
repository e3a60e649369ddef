import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  onRequestHookHandler,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import { Readable } from 'node:stream';
import { setImmediate as immediate } from 'node:timers/promises';
import { Type } from 'typebox';
import type { Origin } from '../inference/batching.ts';
import { type JsonParser, LARGE_JSON } from '../inference/json-parser.ts';
import type { ModelHost, ServedModel } from '../inference/model-host.ts';
import type { BodyReader } from '../service/bodies.ts';
import type { ConnectionGate } from '../service/connections.ts';
import type { ImageRules } from '../inference/read-images.ts';
import type { TensorProtocol } from '../inference/tensor-json.ts';
import { ApiError, clientLeft } from '../service/errors.ts';
import { parseJson } from '../service/json.ts';
import type { Feedback } from '../service/feedback.ts';
import type { Metrics } from '../service/metrics.ts';
import type { Settings } from '../service/settings.ts';

/** Dependencies of the routes. */
export interface RouteContext {
  readonly settings: Settings;
  readonly host: ModelHost;
  readonly metrics: Metrics;
  readonly bodies: BodyReader;
  readonly json: JsonParser;
  readonly connections: ConnectionGate;
  /** Null if no images are stored. */
  readonly feedback: Feedback | null;
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

/** Shape of an image, `[height, width, channels]`; the service loads no model with another input. */
const INPUT_SHAPE = [28, 28, 1] as const;

declare module 'fastify' {
  interface FastifyRequest {
    /** Images that were read with the JSON of the body, null if the body still has them. */
    images: Float32Array | null;
  }
}

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

/**
 * Creates a hook that refuses a request before its body is read if the queue has no room for its client, because a refusal must cost little.
 *
 * @param minImages minimum number of images in the request, as far as its headers say
 */
export function refuseWhenFull(
  { host }: RouteContext,
  minImages: (request: FastifyRequest) => number = () => 1,
): onRequestHookHandler {
  return (request, _, done) => {
    try {
      host.served?.predictor.requireRoom(request.client, minImages(request));
      done();
    } catch (error) {
      done(error as ApiError);
    }
  };
}

/** Parses the JSON of a request with a tensor: large JSON in a thread, which reads the tensor into `request.images`, too. */
export function parseTensorJson(
  { json }: RouteContext,
  protocol: TensorProtocol,
  request: FastifyRequest,
  bytes: Buffer,
): unknown {
  if (bytes.length < LARGE_JSON) return parseJson(bytes);
  return json.parse(protocol, request.client, bytes, request.raw.socket).then(({ body, images }) => {
    request.images = images;
    return body;
  });
}

/** Returns the rules for images of the served model. */
export function imageRules({ maxImages }: Settings): ImageRules {
  return { name: INPUT_NAME, imageShape: INPUT_SHAPE, maxImages };
}

/** @throws ApiError `INVALID_REQUEST` if the client has disconnected */
export function requireClient({ raw }: FastifyReply): void {
  if (raw.destroyed) throw clientLeft();
}

/** Size of the pieces of a large answer, in bytes. */
const PIECE = 64 * 1024;

/** Sends an answer. A large one goes out in pieces, as fast as its client reads and with turns of the event loop in between. */
export function sendInTurns(reply: FastifyReply, answer: Buffer): void {
  if (answer.length <= PIECE) void reply.send(answer);
  else void reply.header('content-length', String(answer.length)).send(Readable.from(pieces(answer)));
}

async function* pieces(answer: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < answer.length; start += PIECE) {
    if (start > 0) await immediate();
    yield answer.subarray(start, start + PIECE);
  }
}

/** Returns the origin of a request's images: its client, and whether that has disconnected. */
export function originOf({ client }: FastifyRequest, { raw }: FastifyReply): Origin {
  return { client, isGone: () => raw.destroyed };
}
