"use strict";
// The networks of associative recall, one token at a time: zoo_mamba_selectivity.networks.recall
// with the blocks of zoo_ssm.blocks (Mamba, Mamba-2, and S4D with real poles).

const recallNetwork = (() => {
  const { matrix, row, add, times, silu, softplus, layerNorm, rmsNorm, softmax } = arithmetic;

  /** A causal depthwise convolution with silu, which remembers its last inputs. */
  function convolution(weight, bias) {
    const [channels, taps] = weight.shape;
    const past = Array.from({ length: taps }, () => new Float64Array(channels));
    return (x) => {
      past.shift();
      past.push(x);
      const sums = x.map((_, c) =>
        past.reduce((sum, earlier, tap) => sum + weight.data[c * taps + tap] * earlier[c], bias.data[c]),
      );
      return silu(sums);
    };
  }

  const gated = (y, u, get) => (get("in_z.weight") ? times(y, silu(matrix(get("in_z.weight"), u))) : y);
  const plain = (y, u, get) => matrix(get("out.weight"), gated(y, u, get));

  const BLOCKS = {
    mamba(get) {
      const convolve = convolution(get("conv.weight"), get("conv.bias"));
      const [inner, size] = get("A_log").shape;
      const decay = get("A_log").data.map((value) => -Math.exp(value));
      const state = new Float64Array(inner * size);
      return (u) => {
        const x = convolve(matrix(get("in_x.weight"), u));
        const rank = matrix(get("to_rank.weight"), x);
        const delta = add(matrix(get("to_delta.weight"), rank), get("to_delta.bias").data).map(softplus);
        const B = matrix(get("to_B.weight"), x), C = matrix(get("to_C.weight"), x);
        const y = x.map((value, c) => {
          let sum = get("skip").data[c] * value;
          for (let n = 0, at = c * size; n < size; n++, at++) {
            state[at] = Math.exp(delta[c] * decay[at]) * state[at] + delta[c] * B[n] * value;
            sum += C[n] * state[at];
          }
          return sum;
        });
        return plain(y, u, get);
      };
    },

    mamba2(get) {
      const [of_x, of_B, of_C] = ["x", "B", "C"].map((part) =>
        convolution(get(`conv_${part}.weight`), get(`conv_${part}.bias`)),
      );
      const decay = get("A_log").data.map((value) => -Math.exp(value)), heads = decay.length;
      const inner = get("in_x.weight").shape[0], wide = inner / heads;
      const size = get("in_B.weight").shape[0], state = new Float64Array(inner * size);
      return (u) => {
        const x = of_x(matrix(get("in_x.weight"), u));
        const B = of_B(matrix(get("in_B.weight"), u)), C = of_C(matrix(get("in_C.weight"), u));
        const delta = add(matrix(get("in_delta.weight"), u), get("delta_bias").data).map(softplus);
        const kept = delta.map((step, h) => Math.exp(step * decay[h]));
        const y = x.map((value, c) => {
          const h = Math.floor(c / wide);
          let sum = get("skip").data[h] * value;
          for (let n = 0, at = c * size; n < size; n++, at++) {
            state[at] = kept[h] * state[at] + delta[h] * value * B[n];
            sum += C[n] * state[at];
          }
          return sum;
        });
        return matrix(get("out.weight"), rmsNorm(gated(y, u, get), get("norm.weight")));
      };
    },

    "s4d-real"(get) {
      const convolve = convolution(get("conv.weight"), get("conv.bias"));
      const [inner, size] = get("A_log").shape, state = new Float64Array(inner * size);
      const weights = get("C").data;
      const kept = state.slice(), held = state.slice();
      get("step_log").data.forEach((log, c) => {
        for (let at = c * size; at < (c + 1) * size; at++) {
          const pole = -Math.exp(get("A_log").data[at]), exponent = Math.exp(log) * pole;
          kept[at] = Math.exp(exponent);
          held[at] = Math.expm1(exponent) / pole;
        }
      });
      return (u) => {
        const x = convolve(matrix(get("in_x.weight"), u));
        const y = x.map((value, c) => {
          let sum = get("skip").data[c] * value;
          for (let at = c * size; at < (c + 1) * size; at++) {
            state[at] = kept[at] * state[at] + held[at] * value;
            sum += weights[at] * state[at];
          }
          return sum;
        });
        return plain(y, u, get);
      };
    },
  };

  /** The probabilities (V) at each place of a prompt, token by token. */
  function probabilities(tokens, places, tensors, { mixer, layers }) {
    const blocks = Array.from({ length: layers }, (_, i) =>
      BLOCKS[mixer]((name) => tensors[`blocks.${i}.${name}`]),
    );
    const norm = (values, name) => layerNorm(values, tensors[`${name}.weight`], tensors[`${name}.bias`]);
    const found = [];
    tokens.forEach((token, place) => {
      let hidden = row(tensors["embedding.weight"], token);
      blocks.forEach((block, i) => (hidden = add(hidden, block(norm(hidden, `norms.${i}`)))));
      if (places.includes(place)) {
        found.push(softmax(matrix(tensors["embedding.weight"], norm(hidden, "last_norm"))));
      }
    });
    return found;
  }

  return { probabilities };
})();
