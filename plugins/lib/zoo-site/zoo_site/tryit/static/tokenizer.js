"use strict";
// Byte-pair encoding with bytes to fall back on, from the tokenizer.json that travels with weights.

function zooTokenizer(bytes) {
  const { model: { vocab, merges } } = JSON.parse(new TextDecoder().decode(bytes));
  const ranks = new Map(merges.map((pair, rank) => [pair.join("\0"), rank]));
  const pieces = Object.entries(vocab).reduce((all, [piece, id]) => ((all[id] = piece), all), []);
  const byteOf = (piece) => piece.match(/^<0x([0-9A-F]{2})>$/)?.[1];

  function fallback(character) {
    const hex = (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
    return character in vocab ? [character] : Array.from(new TextEncoder().encode(character), hex);
  }

  function word(text) {
    const parts = Array.from(text).flatMap(fallback);
    for (;;) {
      let best = Infinity, at = -1;
      for (let i = 0; i + 1 < parts.length; i++) {
        const rank = ranks.get(`${parts[i]}\0${parts[i + 1]}`) ?? Infinity;
        if (rank < best) [best, at] = [rank, i];
      }
      if (at < 0) return parts.map((part) => vocab[part]);
      parts.splice(at, 2, parts[at] + parts[at + 1]);
    }
  }

  /** The ids of a text, without the token that begins it. */
  const encode = (text) => (text ? ` ${text}`.split(/(?= )/).flatMap(word) : []);

  /** A function that returns the text of one id after the other, once its bytes are whole. */
  function decoder() {
    const decode = new TextDecoder();
    return (id) => {
      const byte = byteOf(pieces[id]);
      const raw = byte ? Uint8Array.of(parseInt(byte, 16)) : new TextEncoder().encode(pieces[id]);
      return decode.decode(raw, { stream: true });
    };
  }

  return { encode, decoder, start: vocab["<s>"], ends: [vocab["<s>"], vocab["</s>"]] };
}
