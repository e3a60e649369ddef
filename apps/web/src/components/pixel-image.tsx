'use client';

import { useEffect, useRef } from 'react';

interface PixelImageProps {
  /** `[height, width]` uint8 grey, or `[height, width, 4]` RGBA. */
  readonly pixels: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  /** What it shows, for those who do not see it. */
  readonly label: string;
}

/** Pixels as they are, however large they are shown. */
export function PixelImage({ pixels, width, height, label }: PixelImageProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const image = context.createImageData(width, height);
    if (pixels.length === width * height * 4) image.data.set(pixels);
    else {
      pixels.forEach((value, i) => {
        image.data.set([value, value, value, 255], i * 4);
      });
    }
    context.putImageData(image, 0, 0);
  }, [pixels, width, height]);
  return <canvas ref={canvas} className="pixel-image" width={width} height={height} role="img" aria-label={label} />;
}
