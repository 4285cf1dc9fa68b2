"use strict";
// A picture with a hidden square, completed by the network of each symmetry group.

(() => {
  const models = JSON.parse(document.getElementById("models").textContent);
  const { size: [side], square, mean, std } = models[0].shape;
  const top = document.getElementById("top"), left = document.getElementById("left");
  const given = document.getElementById("given");
  const samples = document.getElementById("samples");
  let picture = null, tensors = null;

  const normalised = () => picture.map((value) => (value - mean) / std);
  const hidden = (i) => {
    const row = Math.floor(i / side) - top.value, column = (i % side) - left.value;
    return row >= 0 && row < square && column >= 0 && column < square;
  };

  function update() {
    for (const field of [top, left]) field.nextElementSibling.textContent = field.value;
    if (!picture) return;
    const whole = normalised(), seen = whole.map((value, i) => (hidden(i) ? 0 : value));
    zooPixels.paint(given, seen.map((value) => value * std + mean));
    if (!tensors) return;
    models.forEach(({ name, shape }, i) => {
      const restored = gnet.restore(seen, tensors[i], shape);
      const error = restored.reduce((sum, value, n) => sum + (value - whole[n]) ** 2, 0) / side ** 2;
      const box = document.getElementById(`restored-${name}`);
      zooPixels.paint(box.querySelector("canvas"), restored.map((value) => value * std + mean));
      box.querySelector("output").textContent = (100 * error).toFixed(2);
    });
  }

  for (const field of [top, left]) {
    field.max = side - square;
    field.value = Math.floor((side - square) / 2);
    field.addEventListener("input", update);
  }
  const drag = (event) => {
    if (event.type === "pointermove" && !event.buttons) return;
    const area = given.getBoundingClientRect();
    const at = (position, length) => Math.round((position / length) * side - square / 2);
    left.value = at(event.clientX - area.left, area.width);
    top.value = at(event.clientY - area.top, area.height);
    update();
  };
  given.addEventListener("pointerdown", drag);
  given.addEventListener("pointermove", drag);
  zooPixels.choose(samples, document.getElementById("file"), side, (chosen) => {
    picture = chosen;
    update();
  });
  zooWeights.ask(document.getElementById("load"), models, (loaded) => {
    tensors = loaded;
    for (const box of document.querySelectorAll("[id^=restored-]")) box.hidden = false;
    update();
  });
  document.getElementById("instrument").hidden = false;
  samples.querySelector("button").click();
})();
