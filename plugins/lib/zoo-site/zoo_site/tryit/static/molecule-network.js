"use strict";
// Energies of molecules: zoo_invariant_features.ds_ci.DSCI on the Coulomb matrix of one molecule.

const moleculeNetwork = (() => {
  const { matrix, add } = arithmetic;
  const BOHR = 0.529177210903, SAME_ATOM = 0.05, EPSILON = 1e-5;
  const total = (values) => values.reduce((sum, value) => sum + value, 0);

  /** The diagonal of a Coulomb matrix, what lies above it, and f_*, which ties both together. */
  function invariants(atoms) {
    const diagonal = atoms.map(({ charge }) => 0.5 * charge ** 2.4), entries = [];
    let glue = 0;
    atoms.forEach((one, i) => {
      for (let j = i + 1; j < atoms.length; j++) {
        const other = atoms[j];
        const apart = Math.hypot(...one.place.map((value, axis) => value - other.place[axis])) / BOHR;
        const entry = (one.charge * other.charge) / apart;
        entries.push(entry);
        glue += (diagonal[i] + diagonal[j]) * entry;
      }
    });
    return { diagonal, entries, glue };
  }

  const linear = (tensors, name, x) => add(matrix(tensors[`${name}.weight`], x), tensors[`${name}.bias`].data);
  const relu = (values) => values.map((value) => Math.max(value, 0));

  /** A network of one number: an expansion of it, a hidden layer, a linear layer. */
  function curve(tensors, name, kind) {
    const part = (what) => tensors[`${name}.expansion.${what}`].data;
    const centres = part("centres"), [scale] = part("scale"), [theta] = part("theta");
    return (scalar) => {
      const t = kind === "fitted" ? Math.sign(scalar) * Math.log1p(Math.abs(scalar) / scale) : scalar;
      const steps = Float64Array.from(centres, (centre) => (t - centre) / theta);
      const rows = kind === "none" ? steps : steps.map((step) => 1 / (1 + Math.exp(-step)));
      return linear(tensors, `${name}.second`, relu(linear(tensors, `${name}.first`, rows)));
    };
  }

  function normed(values, tensors, name) {
    const part = (what) => tensors[`${name}.${what}`].data;
    const mean = part("running_mean"), spread = part("running_var");
    const weight = part("weight"), bias = part("bias");
    return values.map(
      (value, i) => ((value - mean[i]) / Math.sqrt(spread[i] + EPSILON)) * weight[i] + bias[i],
    );
  }

  /** The energy of a molecule, in the model's unit. */
  function energy(atoms, tensors, { expansion }) {
    const { diagonal, entries, glue } = invariants(atoms);
    const part = (scalars, letter) => {
      const summed = scalars.map(curve(tensors, `phi_${letter}`, expansion)).reduce(add);
      return linear(tensors, `rho_${letter}`, normed(summed, tensors, `norm_${letter}`));
    };
    const joint = Float64Array.from([
      ...part(diagonal, "d"),
      ...part(entries, "o"),
      ...curve(tensors, "mu", expansion)(glue),
    ]);
    const [found] = linear(tensors, "out.2", relu(linear(tensors, "out.0", joint)));
    const references = diagonal.map((entry) => {
      const element = tensors.atoms.data.findIndex((one) => Math.abs(one - entry) < SAME_ATOM);
      return element < 0 ? 0 : tensors.reference.data[element];
    });
    return found * tensors.spread.data[0] + tensors.mean.data[0] + total(references);
  }

  return { energy };
})();
