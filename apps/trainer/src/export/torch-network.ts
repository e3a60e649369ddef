import { type AnyModel, inferShapes, type Layer, type NamedTensor, type Shape, type Weights } from '@digits/model';
import { featuresChannelsFirst, kernelChannelsFirst, type Pads, windowPads } from './channels-first.ts';
import { encodeSafetensors, type SafeTensor } from './safetensors.ts';

/** One layer of a network in PyTorch. */
export interface TorchLayer {
  /** Name of the layer in Python. */
  readonly name: string;
  /** Expression that creates its module, or null if {@link TorchLayer.apply} does without. */
  readonly module: string | null;
  /** Expression of its output, given that of its input and its module. */
  readonly apply: string;
  /** Its weights, by PyTorch's names. */
  readonly tensors: readonly SafeTensor[];
}

/** Translates a network to PyTorch: channels before rows, and names that Python takes. */
export function torchLayers({
  architecture,
  weights,
}: Pick<AnyModel, 'architecture' | 'weights'>): readonly TorchLayer[] {
  const names = pythonNames(architecture.layers);
  const shapes = [architecture.inputShape, ...inferShapes(architecture)];
  let flattened: Shape | null = null;
  return architecture.layers.map((layer, index) => {
    const own = weightsOf(layer, weights);
    const byFeature = (tensor: NamedTensor): NamedTensor =>
      flattened === null ? tensor : featuresChannelsFirst(tensor, flattened);
    const translated = translate(layer, { own, byFeature, names, input: shapes[index] });
    if (layer.type === 'flatten') flattened = shapes[index];
    if (layer.type === 'dense') flattened = null;
    return { name: nameOf(names, layer.name), ...translated };
  });
}

/** Writes the weights of a model as a `.safetensors` file, by the names and in the layout of {@link torchLayers}. */
export function encodeTorchWeights(model: AnyModel): Uint8Array {
  const tensors = torchLayers(model).flatMap((layer) => layer.tensors);
  return encodeSafetensors(tensors, { format: 'pt', weightsSha256: model.metadata.weightsSha256 });
}

interface LayerContext {
  /** Weights of the layer by role. */
  readonly own: (role: string) => NamedTensor;
  /** Reorders a weight whose first axis are the features, if they are those of a flattened image. */
  readonly byFeature: (tensor: NamedTensor) => NamedTensor;
  readonly names: ReadonlyMap<string, string>;
  readonly input: Shape;
}

function translate(layer: Layer, { own, byFeature, names, input }: LayerContext): Omit<TorchLayer, 'name'> {
  const name = nameOf(names, layer.name);
  const called = { apply: `self.${name}(x)`, tensors: [] };
  const tensor = (role: string, { shape, values }: NamedTensor): SafeTensor => ({
    name: `${name}.${role}`,
    shape,
    values,
  });
  switch (layer.type) {
    case 'conv2d': {
      const { padding, padded } = paddingOf(windowPads(input, layer.kernelSize, layer), '0.0');
      const settings = `kernel_size=${tuple(layer.kernelSize)}, stride=${tuple(layer.strides)}${padding}${biasFlag(layer)}`;
      return {
        module: `nn.Conv2d(${input[2]}, ${layer.filters}, ${settings})`,
        apply: `self.${name}(${padded})`,
        tensors: [tensor('weight', kernelChannelsFirst(own('kernel'))), ...bias(layer, own, tensor)],
      };
    }
    case 'dense':
      return {
        ...called,
        module: `nn.Linear(${input[0]}, ${layer.units}${biasFlag(layer)})`,
        tensors: [tensor('weight', transposed(byFeature(own('kernel')))), ...bias(layer, own, tensor)],
      };
    case 'batchNormalization': {
      const kind = input.length === 1 ? 'BatchNorm1d' : 'BatchNorm2d';
      const settings = `eps=${layer.epsilon}, momentum=${roundedShare(1 - layer.momentum)}`;
      const parts = { weight: 'gamma', bias: 'beta', running_mean: 'moving_mean', running_var: 'moving_variance' };
      return {
        ...called,
        module: `nn.${kind}(${input[input.length - 1]}, ${settings})`,
        tensors: [
          ...Object.entries(parts).map(([role, ours]) => tensor(role, byFeature(own(ours)))),
          { name: `${name}.num_batches_tracked`, shape: [], values: BigInt64Array.of(0n) },
        ],
      };
    }
    case 'relu':
      return { ...called, module: 'nn.ReLU()' };
    case 'maxPooling2d': {
      const pads = windowPads(input, layer.poolSize, layer);
      // PyTorch allows at most half a window of padding on each side.
      const fits = pads[0] <= layer.poolSize[0] / 2 && pads[1] <= layer.poolSize[1] / 2;
      const { padding, padded } = paddingOf(pads, 'float("-inf")', fits);
      const module = `nn.MaxPool2d(${tuple(layer.poolSize)}, stride=${tuple(layer.strides)}${padding})`;
      return { module, apply: `self.${name}(${padded})`, tensors: [] };
    }
    case 'averagePooling2d': {
      const pads = windowPads(input, layer.poolSize, layer);
      const module = `nn.AvgPool2d(${tuple(layer.poolSize)}, stride=${tuple(layer.strides)})`;
      if (pads.every((size) => size === 0)) return { ...called, module };
      // Padding zeros are excluded from the means.
      const { padded } = paddingOf(pads, '0.0', false);
      const counted = padded.replace('F.pad(x', 'F.pad(torch.ones_like(x)');
      return { module, apply: `self.${name}(${padded}) / self.${name}(${counted})`, tensors: [] };
    }
    case 'zeroPadding2d': {
      const [[top, bottom], [left, right]] = layer.padding;
      return { ...called, module: `nn.ZeroPad2d((${left}, ${right}, ${top}, ${bottom}))` };
    }
    case 'upSampling2d':
      return { ...called, module: `nn.Upsample(scale_factor=${tuple(layer.size)}, mode="nearest")` };
    case 'add':
      return { module: null, apply: `x + ${nameOf(names, layer.from)}`, tensors: [] };
    case 'globalAveragePooling2d':
      return { module: null, apply: 'x.mean(dim=(2, 3))', tensors: [] };
    case 'flatten':
      return { ...called, module: 'nn.Flatten()' };
    case 'dropout':
      return { ...called, module: `nn.Dropout(${layer.rate})` };
  }
}

/** The weights of a layer, by role. */
function weightsOf({ name }: Layer, weights: Weights): (role: string) => NamedTensor {
  return (role) => {
    const tensor = weights.find((weight) => weight.name === `${name}/${role}`);
    if (tensor === undefined) throw new Error(`torchLayers: weights must hold ${name}/${role}, got none`);
    return tensor;
  };
}

type Biased = Extract<Layer, { useBias: boolean }>;

function bias({ useBias }: Biased, own: LayerContext['own'], tensor: (role: string, of: NamedTensor) => SafeTensor) {
  return useBias ? [tensor('bias', own('bias'))] : [];
}

function biasFlag({ useBias }: Biased): string {
  return useBias ? '' : ', bias=False';
}

/** The argument `padding` of a module for the same padding on opposite sides, otherwise an input that is padded first. */
function paddingOf([top, left, bottom, right]: Pads, value: string, fits = true) {
  if (top === bottom && left === right && fits) {
    return { padding: top + left === 0 ? '' : `, padding=${tuple([top, left])}`, padded: 'x' };
  }
  return { padding: '', padded: `F.pad(x, (${left}, ${right}, ${top}, ${bottom}), value=${value})` };
}

function tuple([rows, columns]: readonly [number, number]): string {
  return `(${rows}, ${columns})`;
}

/** 1 - 0.9 is 0.09999999999999998. */
function roundedShare(share: number): number {
  return Number(share.toPrecision(12));
}

function transposed({ name, shape: [numIn, numOut], values }: NamedTensor): NamedTensor {
  const turned = Float32Array.from(values, (_, i) => values[(i % numIn) * numOut + Math.floor(i / numIn)]);
  return { name, shape: [numOut, numIn], values: turned };
}

/** Names that a layer of a PyTorch module, or a variable in Python, cannot have. */
const RESERVED = new Set(
  (
    'add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches eval extra_repr float forward ' +
    'get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict modules mtia named_buffers named_children ' +
    'named_modules named_parameters parameters register_backward_hook register_buffer register_forward_hook ' +
    'register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook ' +
    'register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook ' +
    'register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to to_empty train training ' +
    'type xpu zero_grad T_destination ' +
    'False None True and as assert async await break class continue def del elif else except finally for from global if import in ' +
    'is lambda nonlocal not or pass raise return try while with yield self x images nn torch F keras layers'
  ).split(' '),
);

/** Gives each layer a name that Python and PyTorch take, as close to its own as that allows. */
export function pythonNames(layers: readonly Layer[]): ReadonlyMap<string, string> {
  const used = new Set<string>();
  return new Map(
    layers.map(({ name }) => {
      let free = name.replaceAll('-', '_');
      while (used.has(free) || RESERVED.has(free)) free += '_';
      used.add(free);
      return [name, free];
    }),
  );
}

/** Looks up the name in Python of a layer. */
export function nameOf(names: ReadonlyMap<string, string>, layer: string): string {
  const name = names.get(layer);
  if (name === undefined) throw new Error(`nameOf: layer must be one of the network, got "${layer}"`);
  return name;
}
