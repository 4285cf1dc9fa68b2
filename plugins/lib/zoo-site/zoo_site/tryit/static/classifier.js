"use strict";
// The small networks on small grey images, as zoo_images.networks and zoo_images.classifier have
// them: "small-cnn" and "mlp", with a linear head.

const imageClassifier = (() => {
  const EPSILON = 1e-5;
  const relu = (values) => values.map((value) => Math.max(value, 0));

  function linear(inputs, tensors, prefix) {
    const { data: weight, shape: [outputs, width] } = tensors[`${prefix}.weight`];
    const { data: bias } = tensors[`${prefix}.bias`];
    return Float64Array.from({ length: outputs }, (_, o) => {
      let sum = bias[o];
      for (let i = 0; i < width; i++) sum += weight[o * width + i] * inputs[i];
      return sum;
    });
  }

  // Maps are {side, channels}: square, each channel a row of side * side numbers.
  function convolve({ side, channels }, tensors, prefix) {
    const { data: weight, shape: [outputs, inputs] } = tensors[`${prefix}.0.weight`];
    const norm = (name) => tensors[`${prefix}.1.${name}`].data;
    const [mean, variance] = [norm("running_mean"), norm("running_var")];
    const [scale, shift] = [norm("weight"), norm("bias")];
    const made = Array.from({ length: outputs }, (_, o) => {
      const sums = new Float64Array(side * side);
      for (let i = 0; i < inputs; i++) {
        for (let tap = 0; tap < 9; tap++) {
          const by = weight[(o * inputs + i) * 9 + tap];
          const down = Math.floor(tap / 3) - 1, right = (tap % 3) - 1;
          for (let row = Math.max(0, -down); row < side - Math.max(0, down); row++) {
            const from = (row + down) * side + right;
            for (let column = Math.max(0, -right); column < side - Math.max(0, right); column++) {
              sums[row * side + column] += by * channels[i][from + column];
            }
          }
        }
      }
      const factor = scale[o] / Math.sqrt(variance[o] + EPSILON);
      return sums.map((value) => (value - mean[o]) * factor + shift[o]);
    });
    return { side, channels: made };
  }

  function halved({ side, channels }) {
    const half = Math.floor(side / 2);
    const largest = (values, row, column) => {
      const at = 2 * row * side + 2 * column;
      return Math.max(values[at], values[at + 1], values[at + side], values[at + side + 1]);
    };
    const cells = Array.from({ length: half * half }, (_, i) => [Math.floor(i / half), i % half]);
    const made = channels.map((values) => cells.map(([row, column]) => largest(values, row, column)));
    return { side: half, channels: made };
  }

  /** The means over a grid of 2 x 2, whose cells share the middle of an odd side. */
  function averaged({ side, channels }) {
    const spans = [[0, Math.ceil(side / 2)], [Math.floor(side / 2), side]];
    const mean = (values, [top, bottom], [left, right]) => {
      let sum = 0;
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) sum += values[row * side + column];
      }
      return sum / ((bottom - top) * (right - left));
    };
    return channels.flatMap((values) =>
      spans.flatMap((rows) => spans.map((columns) => mean(values, rows, columns))),
    );
  }

  const BACKBONES = {
    "small-cnn": (pixels, tensors, side) => {
      let maps = { side, channels: [pixels] };
      for (const place of [0, 2]) {
        maps = halved(convolve(maps, tensors, `backbone.layers.${place}`));
        maps.channels = maps.channels.map(relu);
      }
      maps = convolve(maps, tensors, "backbone.layers.4");
      maps.channels = maps.channels.map(relu);
      return averaged(maps);
    },
    mlp: (pixels, tensors) => {
      let hidden = pixels;
      for (let place = 1; `backbone.layers.${place}.weight` in tensors; place += 2) {
        hidden = relu(linear(hidden, tensors, `backbone.layers.${place}`));
      }
      return hidden;
    },
  };

  /** The logits of an image, given as grey levels from 0 to 1, row by row. */
  function logits(pixels, tensors, { backbone, inputs: { size: [side], mean: [mean], std: [std] } }) {
    const normalised = pixels.map((value) => (value - mean) / std);
    return linear(BACKBONES[backbone](normalised, tensors, side), tensors, "head");
  }

  function chances(found) {
    const most = Math.max(...found), parts = found.map((value) => Math.exp(value - most));
    const total = parts.reduce((a, b) => a + b, 0);
    return parts.map((part) => part / total);
  }

  return { logits, chances };
})();
