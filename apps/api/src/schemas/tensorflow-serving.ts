import { Type } from 'typebox';

/** Names of the columns that a request may be given as, and that answers have. */
export const PredictRequestSchema = Type.Object(
  {
    signature_name: Type.Optional(Type.String()),
    instances: Type.Optional(
      Type.Array(Type.Unknown(), {
        description:
          'Images, one an item: `[28][28]`, `[28][28][1]`, or an object whose field `images` is one; in [0, 1].',
      }),
    ),
    inputs: Type.Optional(
      Type.Unknown({
        description: 'All images in one: `[n][28][28]` or `[n][28][28][1]`, or an object whose field `images` is that.',
      }),
    ),
  },
  { title: 'PredictRequest' },
);

const Row = Type.Object({
  probabilities: Type.Array(Type.Number()),
  digit: Type.Integer(),
  logits: Type.Array(Type.Number()),
  rejected: Type.Boolean(),
});

export const PredictResponseSchema = Type.Union(
  [
    Type.Object({ predictions: Type.Array(Row) }, { description: 'To `instances`.' }),
    Type.Object(
      {
        outputs: Type.Object({
          probabilities: Type.Array(Type.Array(Type.Number())),
          digit: Type.Array(Type.Integer()),
          logits: Type.Array(Type.Array(Type.Number())),
          rejected: Type.Array(Type.Boolean()),
        }),
      },
      { description: 'To `inputs`.' },
    ),
  ],
  { description: 'A row for each image, or a column for each output, as the request was.' },
);

export const ModelStatusSchema = Type.Object({
  model_version_status: Type.Array(
    Type.Object({
      version: Type.String(),
      state: Type.String(),
      status: Type.Object({ error_code: Type.String(), error_message: Type.String() }),
    }),
  ),
});
