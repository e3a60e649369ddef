import { Type } from 'typebox';

/** Most of what a drawing may hold: minutes of drawing. */
const MAX_STROKES = 500;
export const MAX_POINTS = 20_000;

const Switch = Type.Union([Type.Literal('true'), Type.Literal('false')]);

export const DigitsQuerySchema = Type.Object({
  multiple: Type.Optional({ ...Switch, description: 'Read several digits, each with its box.' }),
  explain: Type.Optional({
    ...Switch,
    description: 'Say which pixels argued for the answer and against the runner-up.',
  }),
});

const Point = Type.Array(Type.Number(), { minItems: 2, maxItems: 3, description: '`[x, y]` or `[x, y, pressure]`' });

export const DrawingSchema = Type.Object(
  {
    strokes: Type.Array(Type.Array(Point, { maxItems: MAX_POINTS }), {
      maxItems: MAX_STROKES,
      description: `What the pen drew from touching down to being lifted, in any unit, y down; at most ${MAX_POINTS} points in all.`,
    }),
    penWidth: Type.Optional(
      Type.Number({ minimum: 0, description: "The pen's width as drawn, in the strokes' unit." }),
    ),
  },
  { title: 'Drawing' },
);

const Box = Type.Object({ x: Type.Number(), y: Type.Number(), width: Type.Number(), height: Type.Number() });

const Evidence = Type.Object({
  values: Type.Array(Type.Number(), { description: 'Row by row, in nats of log-probability.' }),
  picture: Type.String({ description: 'PNG as a data URL: orange argues for the answer, blue against it.' }),
});

const ExplanationSchema = Type.Object(
  {
    method: Type.Literal('occlusion'),
    digit: Type.Integer(),
    runnerUp: Type.Integer(),
    height: Type.Integer(),
    width: Type.Integer(),
    image: Type.String({ description: 'What the network saw: PNG as a data URL.' }),
    evidenceFor: Evidence,
    evidenceAgainst: Evidence,
  },
  { title: 'Explanation' },
);

const Nullable = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);

const answer = {
  digit: Nullable(Type.Integer({ description: 'Null where it is no digit.' })),
  runnerUp: Nullable(Type.Integer({ description: 'The second most probable digit.' })),
  confidence: Type.Number({ description: 'Calibrated probability of the most probable digit.' }),
  probabilities: Type.Array(Type.Number()),
  rejected: Type.Boolean(),
  reason: Nullable(
    Type.String({ description: 'Why it was rejected: `notADigit`, `blank`, `notWriting` or `tooSmall`.' }),
  ),
  explanation: Type.Optional(ExplanationSchema),
};

const common = {
  model: Type.Object({ name: Type.String(), version: Type.String(), weightsSha256: Type.String() }),
  time: Type.Object(
    { decodingMs: Type.Number(), readingMs: Type.Number(), totalMs: Type.Number() },
    { description: 'Spent on decoding the file, on reading it, and in all, waiting included.' },
  ),
};

export const DigitSchema = Type.Object({ ...answer, ...common }, { title: 'Digit' });

export const SeveralDigitsSchema = Type.Object(
  {
    text: Type.String({ description: 'Rows joined by a blank, `?` for what is no digit.' }),
    digits: Type.Array(Type.Object({ box: Box, ...answer }), { description: 'In the order of reading.' }),
    reason: Nullable(Type.String({ description: 'Why there are none.' })),
    ...common,
  },
  { title: 'SeveralDigits', description: 'The answer to `?multiple=true`.' },
);
