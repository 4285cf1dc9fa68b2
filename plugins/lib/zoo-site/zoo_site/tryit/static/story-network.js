"use strict";
// Llama's blocks around attention, or around the Mamba that it was turned into, one token at a time:
// zoo_attention_to_mamba.network with the mixers of attention.py and hedgemamba.py.

function storyNetwork(tensors, shape) {
  const { matrix, row, add, times, silu, softplus, rmsNorm, softmax } = arithmetic;
  const { layers, heads, kv_heads: shared, head_width: wide, epsilon, rope_base: base } = shape;
  const half = shape.rotary / 2, group = heads / shared, SMALLEST = 1e-30;
  const angles = Array.from({ length: half }, (_, i) => base ** (-i / half));
  const norm = (values, name) => rmsNorm(values, tensors[`${name}.weight`], epsilon);
  const headOf = (values, h) => values.subarray(h * wide, (h + 1) * wide);
  let position = 0, kept = 0;

  /** Turn each head by the position: dimension i with dimension i + half. */
  function turned(values) {
    const result = values.slice();
    for (let start = 0; start < values.length; start += wide) {
      angles.forEach((angle, i) => {
        const [cos, sin] = [Math.cos(position * angle), Math.sin(position * angle)];
        const [one, other] = [values[start + i], values[start + i + half]];
        result[start + i] = one * cos - other * sin;
        result[start + i + half] = other * cos + one * sin;
      });
    }
    return result;
  }

  const project = (get, u) => [
    turned(matrix(get("q.weight"), u)),
    turned(matrix(get("k.weight"), u)),
    matrix(get("v.weight"), u),
  ];

  function attention(get) {
    const keys = [], values = [];
    return (u) => {
      const [q, k, v] = project(get, u);
      keys.push(k);
      values.push(v);
      kept += k.length + v.length;
      const mixed = new Float64Array(heads * wide);
      for (let h = 0; h < heads; h++) {
        const asked = headOf(q, h), from = Math.floor(h / group);
        const score = (key) =>
          headOf(key, from).reduce((sum, value, i) => sum + value * asked[i], 0) / Math.sqrt(wide);
        softmax(keys.map(score)).forEach((weight, t) => {
          headOf(values[t], from).forEach((value, i) => (mixed[h * wide + i] += weight * value));
        });
      }
      return matrix(get("o.weight"), mixed);
    };
  }

  /** The softmax of the features of a head and of their negatives. */
  function features(get, name, h, values) {
    const { data: weight, shape: [, count] } = get(`${name}.weight`), { data: bias } = get(`${name}.bias`);
    const scores = Array.from({ length: count }, (_, f) => {
      const at = h * count + f;
      return arithmetic.dot(weight, at * wide, values) + bias[at];
    });
    return softmax([...scores, ...scores.map((score) => -score)]);
  }

  function hedgemamba(get) {
    const { data: taps, shape: [width, count] } = get("taps");
    const past = Array.from({ length: count }, () => new Float64Array(width));
    const decay = get("log_decay").data.map((value) => -Math.exp(value));
    const size = 2 * shape.features, rows = wide + 1;
    const states = Array.from(decay, () => new Float64Array(rows * size));
    kept += heads * rows * size + (count - 1) * width;
    return (u) => {
      past.shift();
      past.push(u);
      const x = u.map((_, c) => past.reduce((sum, one, tap) => sum + taps[c * count + tap] * one[c], 0));
      const [q, k, v] = project(get, x);
      const delta = add(matrix(get("step.weight"), x), get("step.bias").data).map(softplus);
      const mixed = new Float64Array(heads * wide);
      states.forEach((state, h) => {
        const from = Math.floor(h / group), value = [...headOf(v, from), 1];
        const B = features(get, "key_features", h, headOf(k, from));
        const C = features(get, "query_features", h, headOf(q, h));
        const left = Math.exp(delta[h] * decay[h]);
        const sums = value.map((one, i) => {
          let sum = 0;
          for (let n = 0, at = i * size; n < size; n++, at++) {
            state[at] = left * state[at] + delta[h] * one * B[n];
            sum += C[n] * state[at];
          }
          return sum;
        });
        const below = Math.max(sums[wide], SMALLEST);
        for (let i = 0; i < wide; i++) mixed[h * wide + i] = sums[i] / below;
      });
      const gate = add(matrix(get("gate.weight"), u), get("gate.bias").data);
      return matrix(get("o.weight"), times(mixed, silu(gate)));
    };
  }

  const MIXERS = { attention, hedgemamba };
  const mixers = Array.from({ length: layers }, (_, i) =>
    MIXERS[shape.mixer]((name) => tensors[`blocks.${i}.mixer.${name}`]),
  );

  function mlp(values, name) {
    const gate = silu(matrix(tensors[`${name}.gate.weight`], values));
    return matrix(tensors[`${name}.down.weight`], times(gate, matrix(tensors[`${name}.up.weight`], values)));
  }

  return {
    /** How many numbers it keeps of what it has read. */
    get kept() {
      return kept;
    },
    get position() {
      return position;
    },
    /** Read a token; return the logits of the next one. */
    read(token) {
      let x = row(tensors["embedding.weight"], token);
      mixers.forEach((mixer, i) => {
        x = add(x, mixer(norm(x, `blocks.${i}.mixer_norm`)));
        x = add(x, mlp(norm(x, `blocks.${i}.mlp_norm`), `blocks.${i}.mlp`));
      });
      position += 1;
      return matrix(tensors["embedding.weight"], norm(x, "norm"));
    },
  };
}
