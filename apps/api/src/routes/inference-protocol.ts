import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { Static } from 'typebox';
import type { QueueFullError } from '../batching.ts';
import { ApiError } from '../errors.ts';
import type { ServedModel } from '../model-host.ts';
import { errorResponses } from '../schemas/errors.ts';
import {
  InferRequestSchema,
  InferResponseSchema,
  ModelMetadataSchema,
  ModelPath,
  ModelReadySchema,
  ServerMetadataSchema,
  VersionPath,
} from '../schemas/inference-protocol.ts';
import { makeOutputs, selectOutputs } from '../tensors/outputs.ts';
import { readImages } from '../tensors/read-images.ts';
import { JSON_TYPE, type RouteContext, type TypedApp } from './context.ts';
import { readInferBody } from './infer-body.ts';

/** What the network's input is called. */
export const INPUT_NAME = 'images';

const TAGS = ['Open Inference Protocol'];

/** Parameters of a model's paths. */
export interface ModelParams {
  readonly model: string;
  readonly version?: string;
}

/**
 * The Open Inference Protocol, version 2, over REST, with the binary tensor data extension.
 *
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */
export function inferenceProtocolRoutes(app: TypedApp, context: RouteContext): void {
  // Clients of the protocol send any content type, or none.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    try {
      done(null, readInferBody(request, body));
    } catch (error) {
      done(error as ApiError);
    }
  });
  app.decorateRequest('binary', null);
  app.get(
    '/v2',
    {
      schema: {
        tags: TAGS,
        summary: 'What the server is',
        response: { 200: ServerMetadataSchema, ...errorResponses() },
      },
    },
    () => ({ name: 'digits', version: context.serverVersion, extensions: ['binary_tensor_data'] }),
  );
  modelRoutes(app, context, '/v2/models/:model', ModelPath);
  modelRoutes(app, context, '/v2/models/:model/versions/:version', VersionPath);
}

function modelRoutes(
  app: TypedApp,
  context: RouteContext,
  path: string,
  params: typeof ModelPath | typeof VersionPath,
): void {
  const find = (request: FastifyRequest): ServedModel => findModel(context, request.params as ModelParams);
  app.get(
    path,
    {
      schema: {
        tags: TAGS,
        summary: 'What the model takes and gives',
        params,
        response: { 200: ModelMetadataSchema, ...errorResponses('MODEL_NOT_FOUND', 'NOT_READY') },
      },
    },
    (request) => describeModel(context, find(request)),
  );
  app.get(
    `${path}/ready`,
    {
      schema: {
        tags: TAGS,
        summary: 'Whether the model can answer',
        params,
        response: { 200: ModelReadySchema, ...errorResponses('MODEL_NOT_FOUND', 'NOT_READY') },
      },
    },
    (request) => {
      find(request);
      if (!context.host.isReady) throw new ApiError('NOT_READY', 'the service must be ready, and it is about to end');
      return { name: context.settings.modelName, ready: true };
    },
  );
  app.post(
    `${path}/infer`,
    {
      onRequest: refuseWhenFull(context),
      schema: {
        tags: TAGS,
        summary: 'Answers a batch of 28x28 images',
        description:
          'With the header `Inference-Header-Content-Length`, the number of bytes of JSON, tensors can follow the JSON as bytes (`binary_data_size`); ' +
          'they can be asked for as bytes, too (`binary_data`, `binary_data_output`).',
        params,
        body: InferRequestSchema,
        response: {
          200: InferResponseSchema,
          ...errorResponses('INVALID_TENSOR', 'MODEL_NOT_FOUND', 'BODY_TOO_LARGE', 'OVERLOADED'),
        },
      },
    },
    async (request, reply) => {
      await infer(context, find(request), request, reply);
      return reply;
    },
  );
}

/**
 * Finds the model of a path.
 *
 * @throws ApiError `MODEL_NOT_FOUND`, or `NOT_READY` while it is loaded
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

/** Refuses a request before its body is read, where nothing of it could be queued: what is refused must cost next to nothing. */
export function refuseWhenFull({ host }: RouteContext): onRequestHookHandler {
  return (_, __, done) => {
    try {
      host.served?.predictor.requireRoom();
      done();
    } catch (error) {
      done(error as QueueFullError);
    }
  };
}

function describeModel(
  { settings }: RouteContext,
  { model, numOutputs }: ServedModel,
): Static<typeof ModelMetadataSchema> {
  const { preset, weightsSha256, temperature, classNames } = model.metadata;
  return {
    name: settings.modelName,
    versions: [settings.modelVersion],
    platform: 'digits_simd',
    inputs: [{ name: INPUT_NAME, datatype: 'FP32', shape: [-1, ...model.architecture.inputShape] }],
    outputs: [
      { name: 'probabilities', datatype: 'FP32', shape: [-1, classNames.length] },
      { name: 'digit', datatype: 'INT32', shape: [-1] },
      { name: 'logits', datatype: 'FP32', shape: [-1, numOutputs] },
      { name: 'rejected', datatype: 'BOOL', shape: [-1] },
    ],
    parameters: { preset, weights_sha256: weightsSha256, temperature, class_names: [...classNames] },
  };
}

async function infer(
  { settings, metrics }: RouteContext,
  { model, predictor }: ServedModel,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { id, inputs, outputs: requested, parameters } = request.body as Static<typeof InferRequestSchema>;
  const selections = selectOutputs(requested, parameters);
  const rules = { name: INPUT_NAME, imageShape: model.architecture.inputShape, maxImages: settings.maxImages };
  const images = readImages(inputs[0], request.binary, rules);
  const logits = await predictor.predict(images);
  const { outputs, binary, classifications } = makeOutputs(model, logits, selections);
  metrics.countAnswers('tensor', classifications.length, classifications.filter(({ rejected }) => rejected).length);
  const answer = { model_name: settings.modelName, model_version: settings.modelVersion, id, outputs };
  if (binary.length === 0) {
    void reply.type(JSON_TYPE).serializer(JSON.stringify).send(answer);
    return;
  }
  const json = Buffer.from(JSON.stringify(answer));
  void reply
    .header('inference-header-content-length', String(json.length))
    .type('application/octet-stream')
    .send(Buffer.concat([json, ...binary]));
}
