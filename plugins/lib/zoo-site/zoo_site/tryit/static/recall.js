"use strict";
// Pairs of keys and values to remember, and what each network answers when a key is asked again.

(() => {
  const models = JSON.parse(document.getElementById("models").textContent);
  const { vocabulary } = models[0].shape, half = vocabulary / 2, LONGEST = 256;
  const prompt = document.getElementById("prompt"), said = document.getElementById("said");
  const answers = document.getElementById("answers");
  let tensors = null;

  /** Tokens, the places where one is asked for, and the value that stood after each. */
  function read(text) {
    const words = text.split(/[\s,]+/).filter(Boolean);
    const wrong = words.find((word) => !/^\d+$/.test(word) || +word >= vocabulary);
    if (wrong) return `'${wrong}' is no token; tokens are whole numbers from 0 to ${vocabulary - 1}.`;
    if (words.length > LONGEST) return `Up to ${LONGEST} tokens are read here, not ${words.length}.`;
    const tokens = words.map(Number), values = new Map(), places = [];
    tokens.forEach((token, place) => {
      if (values.has(token)) places.push(place);
      else if (token > 0 && token < half) values.set(token, tokens[place + 1]);
    });
    if (!places.length) return `Nothing is asked: repeat a key (1 to ${half - 1}) after the pairs.`;
    return { tokens, places, expected: places.map((place) => values.get(tokens[place])) };
  }

  function update() {
    const asked = read(prompt.value);
    prompt.setAttribute("aria-invalid", typeof asked === "string");
    said.textContent = typeof asked === "string" ? asked : "";
    if (typeof asked === "string" || !tensors) return;
    const found = models.map(({ shape }, i) =>
      recallNetwork.probabilities(asked.tokens, asked.places, tensors[i], shape),
    );
    answers.tBodies[0].replaceChildren(
      ...asked.places.map((place, i) => {
        const line = document.createElement("tr");
        const head = document.createElement("th");
        head.scope = "row";
        head.textContent = asked.tokens[place];
        line.append(head);
        line.insertCell().textContent = asked.expected[i];
        for (const rows of found) {
          const answer = rows[i].indexOf(Math.max(...rows[i]));
          const right = answer === asked.expected[i], cell = line.insertCell();
          cell.textContent = `${right ? "✓" : "✗"} ${answer} (${rows[i][answer].toFixed(3)})`;
          cell.dataset.verdict = right ? "same" : "apart";
        }
        return line;
      }),
    );
    const right = found.map((rows) =>
      rows.filter((row, i) => row.indexOf(Math.max(...row)) === asked.expected[i]).length,
    );
    answers.querySelectorAll("tfoot td").forEach((cell, i) => {
      cell.textContent = `${right[i]} of ${asked.places.length}`;
    });
  }

  /** So many pairs at random, each key asked again. */
  function draw(count) {
    const some = (from, to) => {
      const left = Array.from({ length: to - from }, (_, i) => from + i);
      return Array.from({ length: count }, () => left.splice(Math.random() * left.length, 1)[0]);
    };
    const keys = some(1, half), values = some(half, vocabulary);
    const order = keys.map((key) => [Math.random(), key]).sort(([a], [b]) => a - b).map(([, key]) => key);
    prompt.value = [...keys.flatMap((key, i) => [key, values[i]]), ...order.flatMap((key) => [key, 0])].join(" ");
    update();
  }

  for (const button of document.querySelectorAll("[data-pairs]")) {
    button.addEventListener("click", () => draw(+button.dataset.pairs));
  }
  prompt.addEventListener("input", update);
  zooWeights.ask(document.getElementById("load"), models, (loaded) => {
    tensors = loaded;
    document.getElementById("answered").hidden = false;
    update();
  });
  document.getElementById("instrument").hidden = false;
})();
