import { Type } from 'typebox';

const Parameters = Type.Record(Type.String(), Type.Unknown(), {
  description: 'Parameters of the protocol and its extensions.',
});

const TensorMetadata = Type.Object({
  name: Type.String(),
  datatype: Type.String(),
  shape: Type.Array(Type.Integer(), { description: '-1 where any size goes.' }),
});

/** Path of a model. */
export const ModelPath = Type.Object({
  model: Type.String({ description: 'The name of the model, `digits` by default.' }),
});

/** Path of a version of a model. */
export const VersionPath = Type.Object({
  ...ModelPath.properties,
  version: Type.String({ description: 'The version of the model, `1` by default.' }),
});

export const ServerMetadataSchema = Type.Object({
  name: Type.String(),
  version: Type.String(),
  extensions: Type.Array(Type.String()),
});

export const LiveSchema = Type.Object({ live: Type.Boolean() });

/** The protocol's text calls the field `live`, its clients read `ready`: both are there. */
export const ReadySchema = Type.Object({ live: Type.Boolean(), ready: Type.Boolean() });

export const ModelReadySchema = Type.Object({ name: Type.String(), ready: Type.Boolean() });

export const ModelMetadataSchema = Type.Object({
  name: Type.String(),
  versions: Type.Array(Type.String()),
  platform: Type.String(),
  inputs: Type.Array(TensorMetadata),
  outputs: Type.Array(TensorMetadata),
  parameters: Type.Object({
    preset: Type.Union([Type.String(), Type.Null()]),
    weights_sha256: Type.String(),
    temperature: Type.Number(),
    class_names: Type.Array(Type.String()),
  }),
});

const InputSchema = Type.Object({
  name: Type.String({ description: '`images`' }),
  shape: Type.Array(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), {
    minItems: 1,
    maxItems: 8,
    description: '`[n, 28, 28, 1]` or `[n, 28, 28]`',
  }),
  datatype: Type.String({ description: '`FP32`, in [0, 1], or `UINT8`; white ink on black' }),
  parameters: Type.Optional(Parameters),
  data: Type.Optional(
    Type.Array(Type.Unknown(), {
      description: 'The values, row-major, flat or nested as the shape; left out where they follow as bytes.',
    }),
  ),
});

export const InferRequestSchema = Type.Object(
  {
    id: Type.Optional(Type.String()),
    parameters: Type.Optional(Parameters),
    inputs: Type.Array(InputSchema, { minItems: 1, maxItems: 1 }),
    outputs: Type.Optional(
      Type.Array(Type.Object({ name: Type.String(), parameters: Type.Optional(Parameters) }), {
        maxItems: 8,
        description: 'Some of `probabilities`, `digit` (-1 where rejected), `logits`, `rejected`; all where left out.',
      }),
    ),
  },
  { title: 'InferRequest' },
);

export const InferResponseSchema = Type.Object(
  {
    model_name: Type.String(),
    model_version: Type.String(),
    id: Type.Optional(Type.String()),
    outputs: Type.Array(
      Type.Object({
        name: Type.String(),
        datatype: Type.String(),
        shape: Type.Array(Type.Integer()),
        parameters: Type.Optional(Parameters),
        data: Type.Optional(Type.Array(Type.Union([Type.Number(), Type.Boolean()]))),
      }),
    ),
  },
  { title: 'InferResponse' },
);
