import { SOURCE_FLOATS } from '../src/program/contract';

/**
 * Writes one image as the input of the network: float32 in [0, 1], in the middle of its padding, which is there already.
 *
 * @param image `[height, width, channels]`, uint8 or float32 in [0, 1]
 * @param to destination of the first pixel; rows are `rowBytes` apart, pixels `pixelBytes`
 */
export function writeImage(
  image: usize,
  source: i32,
  height: i32,
  width: i32,
  channels: i32,
  to: usize,
  rowBytes: usize,
  pixelBytes: usize,
): void {
  const isDense = pixelBytes == (<usize>channels) << 2;
  for (let y = 0; y < height; y++, to += rowBytes) {
    if (isDense) {
      const size = width * channels;
      if (source == SOURCE_FLOATS) {
        memory.copy(to, image, (<usize>size) << 2);
        image += (<usize>size) << 2;
      } else {
        scaleBytes(image, to, size);
        image += <usize>size;
      }
      continue;
    }
    let pixel = to;
    for (let x = 0; x < width; x++, pixel += pixelBytes) {
      for (let c: usize = 0; c < <usize>channels; c++) {
        if (source == SOURCE_FLOATS) {
          store<f32>(pixel + (c << 2), load<f32>(image));
          image += 4;
        } else {
          store<f32>(pixel + (c << 2), <f32>load<u8>(image) / 255);
          image++;
        }
      }
    }
  }
}

/** to = from / 255. */
function scaleBytes(from: usize, to: usize, count: i32): void {
  const scale = f32x4.splat(255);
  let i = 0;
  for (; i + 4 <= count; i += 4, from += 4, to += 16) {
    const bytes = v128.load32_zero(from);
    const words = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes));
    v128.store(to, f32x4.div(f32x4.convert_i32x4_u(words), scale));
  }
  for (; i < count; i++, from++, to += 4) store<f32>(to, <f32>load<u8>(from) / 255);
}
