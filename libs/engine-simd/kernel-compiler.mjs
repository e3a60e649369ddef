/*
 * Compiles AssemblyScript to WebAssembly, after it has generated the accessors that the kernels read operands with.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { build } from 'esbuild';

/** Relaxed SIMD stays off: its results differ from processor to processor. */
const FLAGS = [
  ...['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--enable', 'threads'],
  ...['--importMemory', '--sharedMemory', '--maximumMemory', '65536'],
];

/** Compiles a file of `assembly/` to the bytes of a module. */
export async function compileKernels(entry) {
  const root = fileURLToPath(new URL('.', import.meta.url));
  await writeAccessors(root);
  const folder = await mkdtemp(join(tmpdir(), 'kernels-'));
  try {
    const file = join(folder, 'kernels.wasm');
    const { error, stderr } = await asc.main([entry, '--baseDir', root, ...FLAGS, '-o', file]);
    if (error) throw new Error(`kernels: asc refused ${entry}:\n${stderr.toString()}`);
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function writeAccessors(root) {
  const entryPoints = [join(root, 'src/program/operations.ts')];
  const { outputFiles } = await build({ entryPoints, bundle: true, format: 'esm', write: false });
  const { OPERATIONS, operandWords } = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
  );
  const classes = Object.entries(OPERATIONS).map(([name, { opcode, operands }]) =>
    operationClass(name, opcode, operands, operandWords(name)),
  );
  await mkdir(join(root, 'assembly/generated'), { recursive: true });
  await writeFile(join(root, 'assembly/generated/operations.ts'), [HEADER, ...classes].join('\n'));
}

const HEADER = `/* The operations of src/program/operations.ts: opcodes and accessors. Written by kernel-compiler.mjs. */
import { arena } from '../context';
import { locate } from '../program';
`;

function operationClass(name, opcode, operands, words) {
  const className = `${name[0].toUpperCase()}${name.slice(1)}Op`;
  const constant = `OP_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
  const accessors = Object.entries(operands).flatMap(([operand, kind]) => ACCESSORS[kind](operand, words.get(operand)));
  const methods = accessors.map((accessor) => `  @inline ${accessor}\n`);
  return `export const ${constant}: i32 = ${opcode};\n\n@unmanaged\nexport class ${className} {\n${methods.join('')}}\n`;
}

/** Accessors of an operand by its kind. A negative address, ~offset, is in the thread's arena. */
const ACCESSORS = {
  // In an arena image 0 is the first of the chunk, so `first` does not count.
  tensor: (name, word) => [
    `${name}(first: i32): usize { const at = ${read('i32', word)}; return at < 0 ? arena + <usize>~at : <usize>at + <usize>first * ${read('usize', word + 1)}; }`,
    `get ${name}Bytes(): usize { return ${read('usize', word + 1)}; }`,
  ],
  shards: (name, word) => [
    `${name}(shard: i32): usize { return ${address(word)} + <usize>shard * ${read('usize', word + 1)}; }`,
    `get ${name}Bytes(): usize { return ${read('usize', word + 1)}; }`,
  ],
  address: (name, word) => [`get ${name}(): usize { return ${address(word)}; }`],
  count: (name, word) => [`get ${name}(): i32 { return ${read('i32', word)}; }`],
  bytes: (name, word) => [`get ${name}(): usize { return ${read('usize', word)}; }`],
  flag: (name, word) => [`get ${name}(): bool { return ${read('i32', word)} != 0; }`],
  float: (name, word) => [`get ${name}(): f32 { return ${read('f32', word)}; }`],
  double: (name, word) => [`get ${name}(): f64 { return ${read('f64', word)}; }`],
};

function read(type, word) {
  return `load<${type}>(changetype<usize>(this), ${4 * word})`;
}

function address(word) {
  return `locate(${read('i32', word)})`;
}
