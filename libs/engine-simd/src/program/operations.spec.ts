import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Op,
  operation,
  type OperandKind,
  operandWords,
  type OperationName,
  OPERATIONS,
  plainGradientOp,
  plainOp,
} from './operations.ts';

const LIB = join(__dirname, '../..');
const read = (path: string): string => readFileSync(join(LIB, path), 'utf8');

/** A float64 as its two words, the lower one first. */
const doubleWords = (high: number): number[] => [0, high];

describe('operation', () => {
  const x = { address: 64, imageBytes: 320 };
  const y = { address: ~128, imageBytes: 192 };

  it('encodes opcode, length and operands of a dense layer', () => {
    expect(
      operation('dense', { relu: true, bias: 0, filter: 4096, numOut: 16, numIn: 40, output: y, input: x }),
    ).toEqual([4, 11, 64, 320, ~128, 192, 40, 16, 4096, 0, 1]);
  });

  it('encodes shards as address and step, float64 as two words', () => {
    const gradients = { address: 1024, shardBytes: 256 };
    const places = { weights: 512, gradients, velocities: 8192, numBytes: 208 };
    expect(operation('sgd', { ...places, momentum: 0.5, nesterov: false })).toEqual([
      ...[47, 10, 512, 1024, 256, 8192, 208],
      ...doubleWords(0x3fe00000),
      0,
    ]);
  });

  it('encodes float32 as its bits', () => {
    const sizes = { numPixels: 6, channels: 3, stride: 8, site: 5 };
    expect(operation('dropout', { x, mask: x, y, ...sizes, rate: 0.25, factor: 1 })).toEqual([
      ...[34, 14, 64, 320, 64, 320, ~128, 192],
      ...[6, 3, 8, 0x3e800000, 0x3f800000, 5],
    ]);
  });

  it('takes every operand and no other', () => {
    const places = { averages: 64, weights: 128 };
    // @ts-expect-error -- numBytes is missing
    const incomplete = (): Op => operation('moveAverage', places);
    expect(incomplete).toBeDefined();
    // @ts-expect-error -- bytes is not an operand
    expect(operation('moveAverage', { ...places, numBytes: 16, bytes: 16 })).toEqual([49, 5, 64, 128, 16]);
  });
});

describe('plainOp', () => {
  const x = { address: 64, imageBytes: 320 };
  const y = { address: 128, imageBytes: 192 };
  const relu = { name: 'relu', settings: { numBytes: 48 } } as const;

  it('leaves the places of the gradients empty', () => {
    expect(plainOp(relu, x, y)).toEqual([10, 11, 64, 320, 128, 192, 0, 0, 0, 0, 48]);
  });

  it('has a gradient with an opcode 128 higher and the same operands', () => {
    expect(plainGradientOp(relu, x, y, y, x)).toEqual([138, 11, 64, 320, 128, 192, 128, 192, 64, 320, 48]);
  });
});

describe('operandWords', () => {
  it('counts the words of the header and of the operands before', () => {
    expect([...operandWords('sgd')]).toEqual([
      ['weights', 2],
      ['gradients', 3],
      ['velocities', 5],
      ['numBytes', 6],
      ['momentum', 7],
      ['nesterov', 9],
    ]);
  });
});

/** Values of all operands of an operation, each different. */
function distinctValues(name: OperationName): Record<string, number | boolean | object> {
  const entries = Object.entries<OperandKind>(OPERATIONS[name].operands);
  return Object.fromEntries(
    entries.map(([operand, kind], i): [string, number | boolean | object] => {
      const value = 1000 + 8 * i;
      if (kind === 'tensor') return [operand, { address: value, imageBytes: value + 1 }];
      if (kind === 'shards') return [operand, { address: value, shardBytes: value + 1 }];
      return [operand, kind === 'flag' ? i % 2 === 0 : value];
    }),
  );
}

/** What each accessor of an operation loads, from the class in the generated AssemblyScript. */
function generatedAccessors(source: string, name: string): Map<string, readonly { type: string; offset: number }[]> {
  const className = `${name[0].toUpperCase()}${name.slice(1)}Op`;
  const body = new RegExp(`class ${className} \\{\\n([^}]*\\}\\n)*?\\}\\n`).exec(source)?.[0] ?? '';
  const accessors = [...body.matchAll(/^ {2}@inline (?:get )?(\w+)\(.*$/gm)];
  return new Map(
    accessors.map(([text, accessor]) => [
      accessor,
      [...text.matchAll(/load<(\w+)>\(changetype<usize>\(this\), (\d+)\)/g)].map(([, type, offset]) => ({
        type,
        offset: Number(offset),
      })),
    ]),
  );
}

describe('generated accessors', () => {
  const source = read('assembly/generated/operations.ts');
  const names = Object.keys(OPERATIONS) as OperationName[];

  it.each(names)('read the operands of %s where the program has them', (name) => {
    const values = distinctValues(name);
    const op = (operation as (name: string, operands: object) => Op)(name, values);
    const memory = new DataView(Int32Array.from(op).buffer);
    const load = { i32: 'getInt32', usize: 'getInt32', f32: 'getFloat32', f64: 'getFloat64' } as const;
    const accessors = generatedAccessors(source, name);
    const expected = Object.entries(values).flatMap(([operand, value]): [string, number[]][] => {
      if (typeof value !== 'object') return [[operand, [Number(value)]]];
      const [address, step] = Object.values(value) as [number, number];
      return [
        [operand, [address, step]],
        [`${operand}Bytes`, [step]],
      ];
    });
    const actual = [...accessors].map(([accessor, loads]) => [
      accessor,
      loads.map(({ type, offset }) => memory[load[type as keyof typeof load]](offset, true)),
    ]);
    expect(actual).toEqual(expected);
    expect(source).toMatch(new RegExp(`^export const OP_\\w+: i32 = ${op[0]};$`, 'm'));
  });

  it('have the opcodes of the declaration, each a different one', () => {
    const generated = [...source.matchAll(/^export const (OP_\w+): i32 = (\d+);$/gm)].map(([, constant, opcode]) => [
      constant,
      Number(opcode),
    ]);
    expect(generated).toEqual(
      names.map((name) => [`OP_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`, OPERATIONS[name].opcode]),
    );
    expect(new Set(generated.map(([, opcode]) => opcode)).size).toBe(names.length);
  });
});

describe('the kernels and the compiler of programs', () => {
  const files = ['assembly', 'src/program'].flatMap((folder) =>
    readdirSync(join(LIB, folder))
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
      .map((file) => `${folder}/${file}`),
  );
  const matches = (pattern: RegExp): string[] =>
    files.flatMap((file) => [...read(file).matchAll(pattern)].map(([match]) => `${file}: ${match}`));

  it('use no number as the place of an operand', () => {
    // The opcode and the length, which every operation begins with.
    expect(matches(/load<\w+>\(\s*(?:op\b(?!\.)|changetype<usize>\(op\))[^)]*\)/g)).toEqual([
      'assembly/program.ts: load<i32>(op)',
      'assembly/program.ts: load<i32>(op, 4)',
    ]);
    expect(matches(/\bop\s*(?:\[|\+\s*\d)/g)).toEqual([]);
    expect(matches(/\boperation\(\s*(?:contract|\d)/g)).toEqual([]);
  });
});
