"use strict";
// Linear maps that commute with permutations of the pixels within patches, as
// zoo_approx_equivariant.layers.CoarsenedLinear has them, and the network of two of them.

const gnet = (() => {
  /** The patch of each pixel of a grid that is cut into cut x cut patches, row by row. */
  function patches([height, width], cut) {
    const along = (side) => {
      const short = Math.floor(side / cut), longer = side % cut;
      return Array.from({ length: cut }, (_, i) => Array(short + (i < longer)).fill(i)).flat();
    };
    const rows = along(height), columns = along(width);
    return rows.flatMap((row) => columns.map((column) => row * cut + column));
  }

  /** Where the weights of each cluster and of each pair of clusters lie: numbers in the order of
   * the first that shares them, where left and right are exchanged; all their own elsewhere. */
  function places(cut, mirrored) {
    const count = cut * cut;
    const image = (k) => k - (k % cut) + cut - 1 - (k % cut);
    const number = (length, mirror) => {
      const found = new Int32Array(length).fill(-1);
      for (let i = 0, next = 0; i < length; i++) {
        if (found[i] < 0) found[i] = found[mirror(i)] = next++;
      }
      return found;
    };
    const same = (i) => i, tied = mirrored && cut > 1;
    const pair = (i) => image(Math.floor(i / count)) * count + image(i % count);
    return [number(count, tied ? image : same), number(count ** 2, tied ? pair : same)];
  }

  function layer(signals, tensors, prefix, labels, [near, far]) {
    const { data: diag, shape: [outputs, inputs, diagonal] } = tensors[`${prefix}.w_diag`];
    const { data: off } = tensors[`${prefix}.w_off`];
    const stride = tensors[`${prefix}.w_off`].shape.slice(2).reduce((a, b) => a * b, 1);
    const bias = tensors[`${prefix}.bias`].data, count = near.length, nodes = labels.length;
    const sums = signals.map((x) => {
      const sum = new Float64Array(count);
      labels.forEach((k, n) => (sum[k] += x[n] / nodes));
      return sum;
    });
    return Array.from({ length: outputs }, (_, o) => {
      const base = new Float64Array(count).fill(bias[o]), result = new Float64Array(nodes);
      for (let i = 0; i < inputs; i++) {
        const start = (o * inputs + i) * stride;
        for (let k = 0, at = 0; k < count; k++) {
          for (let l = 0; l < count; l++, at++) base[k] += off[start + far[at]] * sums[i][l];
        }
        const own = (o * inputs + i) * diagonal;
        for (let n = 0; n < nodes; n++) result[n] += diag[own + near[labels[n]]] * signals[i][n];
      }
      labels.forEach((k, n) => (result[n] += base[k]));
      return result;
    });
  }

  /** Restored pixels of normalised ones, both one number a pixel. */
  function restore(pixels, tensors, { size, cut, layers, mirrored }) {
    const labels = patches(size, cut), where = places(cut, mirrored);
    let signals = [pixels];
    for (let number = 0; number < layers; number++) {
      if (number) signals = signals.map((x) => x.map((value) => Math.max(value, 0)));
      signals = layer(signals, tensors, `layers.${number}`, labels, where);
    }
    return signals[0];
  }

  return { restore };
})();
