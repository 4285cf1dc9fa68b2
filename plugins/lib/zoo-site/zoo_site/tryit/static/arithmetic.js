"use strict";
// What networks on sequences have in common: vectors are Float64Array, tensors {shape, data}.

const arithmetic = (() => {
  const dot = (data, start, vector) => {
    let sum = 0;
    for (let i = 0; i < vector.length; i++) sum += data[start + i] * vector[i];
    return sum;
  };
  /** The product of a matrix (rows, columns) with a vector. */
  const matrix = ({ data, shape: [rows] }, vector) =>
    Float64Array.from({ length: rows }, (_, row) => dot(data, row * vector.length, vector));
  const row = ({ data, shape: [, width] }, number) =>
    Float64Array.from(data.subarray(number * width, (number + 1) * width));
  const add = (one, other) => one.map((value, i) => value + other[i]);
  const times = (one, other) => one.map((value, i) => value * other[i]);
  const silu = (values) => values.map((value) => value / (1 + Math.exp(-value)));
  const softplus = (value) => (value > 30 ? value : Math.log1p(Math.exp(value)));
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

  function layerNorm(values, { data: weight }, { data: bias }, epsilon = 1e-5) {
    const middle = mean(values), centred = values.map((value) => value - middle);
    const scale = 1 / Math.sqrt(mean(centred.map((value) => value ** 2)) + epsilon);
    return centred.map((value, i) => value * scale * weight[i] + bias[i]);
  }

  function rmsNorm(values, { data: weight }, epsilon = 1e-5) {
    const scale = 1 / Math.sqrt(mean(values.map((value) => value ** 2)) + epsilon);
    return values.map((value, i) => value * scale * weight[i]);
  }

  function softmax(values) {
    const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
    const parts = values.map((value) => Math.exp(value - most));
    const total = parts.reduce((a, b) => a + b, 0);
    return parts.map((part) => part / total);
  }

  return { dot, matrix, row, add, times, silu, softplus, layerNorm, rmsNorm, softmax };
})();
