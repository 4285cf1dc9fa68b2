"use strict";
// A story that both networks continue, each in its column, token by token.

(() => {
  const models = JSON.parse(document.getElementById("models").textContent);
  const prompt = document.getElementById("prompt"), button = document.getElementById("write");
  const warmth = document.getElementById("temperature"), said = document.getElementById("said");
  const SLICE = 12; // milliseconds of one turn, so that the page stays at hand
  let tensors = null, run = 0;

  function draw(logits, temperature) {
    if (temperature === 0) return logits.indexOf(Math.max(...logits));
    let left = Math.random();
    const chances = arithmetic.softmax(logits.map((value) => value / temperature));
    const found = chances.findIndex((chance) => (left -= chance) < 0);
    return found < 0 ? chances.length - 1 : found;
  }

  function begin(i) {
    const { name, shape } = models[i], box = document.getElementById(`story-${name}`);
    const tokenizer = zooTokenizer(tensors[i].tokenizer.data), decode = tokenizer.decoder();
    const network = storyNetwork(tensors[i], shape);
    const given = [tokenizer.start, ...tokenizer.encode(prompt.value.trim())];
    const text = box.querySelector(".told"), figures = box.querySelector("output");
    const start = document.createElement("b"), rest = document.createElement("span");
    start.textContent = prompt.value.trim();
    text.replaceChildren(start, rest);
    if (given.length >= shape.context) {
      said.textContent = `The beginning has ${given.length} tokens; up to ${shape.context - 1} are read.`;
      return () => true;
    }
    let read = 0, logits = null;
    return () => {
      if (read < given.length) logits = network.read(given[read++]);
      else {
        const token = draw(logits, +warmth.value);
        if (tokenizer.ends.includes(token) || network.position >= shape.context) return true;
        const piece = decode(token);
        rest.textContent += given.length === 1 && !rest.textContent ? piece.trimStart() : piece;
        logits = network.read(token);
      }
      figures.textContent = `${network.position} tokens read, ${network.kept.toLocaleString("en")} numbers kept of them`;
      return false;
    };
  }

  function start() {
    const own = ++run;
    said.textContent = "";
    let going = models.map((_, i) => begin(i));
    button.textContent = "Stop";
    const turn = () => {
      if (own !== run) return;
      const until = performance.now() + SLICE;
      while (going.length && performance.now() < until) going = going.filter((step) => !step());
      if (going.length) setTimeout(turn);
      else stop();
    };
    turn();
  }

  function stop() {
    run += 1;
    button.textContent = "Go on with it";
  }

  button.addEventListener("click", () => (button.textContent === "Stop" ? stop() : start()));
  warmth.addEventListener("input", () => (warmth.nextElementSibling.textContent = warmth.value));
  zooWeights.ask(document.getElementById("load"), models, (loaded) => {
    tensors = loaded;
    button.hidden = false;
    document.getElementById("told").hidden = false;
    start();
  });
  document.getElementById("instrument").hidden = false;
})();
