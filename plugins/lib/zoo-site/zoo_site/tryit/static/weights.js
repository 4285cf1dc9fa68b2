"use strict";
// The weights of models, as they lie in the zoo: safetensors files, each wrapped in a script, since
// a page that is opened from a folder may load scripts but may not fetch files.

const zooWeights = (() => {
  const waiting = new Map(), loaded = new Map();

  const TYPES = {
    F32: (bytes) => new Float32Array(bytes),
    F16: (bytes) => Float32Array.from(new Uint16Array(bytes), half),
    F64: (bytes) => new Float64Array(bytes),
    I64: (bytes) => Float64Array.from(new BigInt64Array(bytes), Number),
    U8: (bytes) => new Uint8Array(bytes),
  };

  function half(bits) {
    const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return exponent
      ? sign * 2 ** (exponent - 15) * (1 + fraction / 1024)
      : (sign * 2 ** -14 * fraction) / 1024;
  }

  function tensorsOf(base64) {
    const text = atob(base64), bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    const start = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
    const tensors = {};
    delete header.__metadata__;
    for (const [name, { dtype, shape, data_offsets: [low, high] }] of Object.entries(header)) {
      if (!(dtype in TYPES)) throw new Error(`${name} has the type ${dtype}, which no page reads.`);
      const data = TYPES[dtype](bytes.buffer.slice(start + low, start + high));
      tensors[name] = { shape, data };
    }
    return tensors;
  }

  /** What a model's script calls. */
  function arrived(name, base64) {
    const { resolve, reject } = waiting.get(name);
    try {
      resolve(tensorsOf(base64));
    } catch (error) {
      reject(error);
    }
  }

  /** A promise of a model's tensors by name, from the script at `address`; loaded once. */
  function load(name, address) {
    if (!loaded.has(name)) {
      const script = Object.assign(document.createElement("script"), { src: address });
      loaded.set(
        name,
        new Promise((resolve, reject) => {
          waiting.set(name, { resolve, reject });
          script.onerror = () => reject(new Error(`The weights of ${name} could not be loaded.`));
        }),
      );
      document.head.append(script);
    }
    return loaded.get(name);
  }

  /** Make a button load models when asked, and then start what is done with them. */
  function ask(button, models, start) {
    button.addEventListener("click", async () => {
      const before = button.textContent;
      button.disabled = true;
      button.textContent = "Loading …";
      try {
        const tensors = await Promise.all(models.map(({ name, weights }) => load(name, weights)));
        start(tensors);
        button.hidden = true;
      } catch (error) {
        loaded.clear();
        button.disabled = false;
        button.textContent = before;
        document.getElementById("said").textContent = error.message;
      }
    });
  }

  return { arrived, load, ask };
})();
