import type { Picture } from '../picture.ts';
import { reducePicture } from './reduce.ts';

const whole = ({ width, height }: Picture) => ({ x: 0, y: 0, width, height });

describe('reducePicture', () => {
  it('averages blocks, and what is left over at the right and below by its own size', () => {
    const picture: Picture = {
      data: Uint8Array.of(0, 10, 20, 30, 40, 50, 60, 70, 80),
      width: 3,
      height: 3,
      channels: 1,
    };
    const { width, height, planes } = reducePicture(picture, whole(picture), 2);
    expect({ width, height }).toEqual({ width: 2, height: 2 });
    expect([...planes[0]]).toEqual([20, 35, 65, 80]);
  });

  it('keeps a picture as it is with a factor of 1, a plane a colour', () => {
    const picture: Picture = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), width: 2, height: 1, channels: 3 };
    expect(reducePicture(picture, whole(picture), 1).planes.map((plane) => [...plane])).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
  });

  it('cuts out the region', () => {
    const data = Uint8Array.from({ length: 16 }, (_, i) => i);
    const { planes } = reducePicture(
      { data, width: 4, height: 4, channels: 1 },
      { x: 1, y: 2, width: 2, height: 2 },
      1,
    );
    expect([...planes[0]]).toEqual([9, 10, 13, 14]);
  });

  it('puts dark ink on white and light ink on black where the rest is transparent', () => {
    const dark: Picture = {
      data: Uint8Array.of(20, 20, 20, 255, 9, 9, 9, 0, 9, 9, 9, 0),
      width: 3,
      height: 1,
      channels: 4,
    };
    expect([...reducePicture(dark, whole(dark), 1).planes[0]]).toEqual([20, 255, 255]);
    const light: Picture = { ...dark, data: Uint8Array.of(220, 220, 220, 255, 9, 9, 9, 0, 9, 9, 9, 0) };
    expect([...reducePicture(light, whole(light), 1).planes[0]]).toEqual([220, 0, 0]);
  });

  it('fills the holes of a sheet that is mostly opaque with its mean colour', () => {
    const data = Uint8Array.of(200, 200, 200, 255, 200, 200, 200, 255, 140, 140, 140, 255, 0, 0, 0, 0);
    const { planes } = reducePicture(
      { data, width: 4, height: 1, channels: 4 },
      { x: 0, y: 0, width: 4, height: 1 },
      1,
    );
    expect([...planes[0]]).toEqual([200, 200, 140, 180]);
  });

  it('mixes half-transparent ink with the ground', () => {
    const data = Uint8Array.of(0, 0, 0, 51, 0, 0, 0, 0);
    const { planes, visible } = reducePicture(
      { data, width: 2, height: 1, channels: 4 },
      { x: 0, y: 0, width: 2, height: 1 },
      1,
    );
    expect([planes[0][0], visible]).toEqual([204, true]);
  });

  it('tells that nothing is visible', () => {
    const data = new Uint8Array(16);
    expect(
      reducePicture({ data, width: 2, height: 2, channels: 4 }, { x: 0, y: 0, width: 2, height: 2 }, 1).visible,
    ).toBe(false);
  });
});
