"use strict";
// A picture, drawn or chosen, as networks read it that learned from wrong labels.

(() => {
  const models = JSON.parse(document.getElementById("models").textContent);
  const [side] = models[0].shape.inputs.size;
  const canvas = document.getElementById("given");
  const samples = document.getElementById("samples");
  const BRUSH = 1.3;
  let picture = new Float64Array(side * side), tensors = null, last = null;

  function update() {
    zooPixels.paint(canvas, picture);
    if (!tensors) return;
    models.forEach(({ name, shape }, i) => {
      const found = imageClassifier.chances(imageClassifier.logits(picture, tensors[i], shape));
      const best = Array.from(found, (chance, label) => [chance, shape.classes[label]]);
      best.sort(([a], [b]) => b - a);
      const row = document.getElementById(`read-${name}`);
      const [, label, chance, others] = row.querySelectorAll("td");
      label.textContent = best[0][1];
      chance.textContent = best[0][0].toFixed(3);
      others.textContent = best.slice(1, 3).map(([p, other]) => `${other} ${p.toFixed(3)}`).join(", ");
    });
  }

  function place(event) {
    const area = canvas.getBoundingClientRect();
    const along = (position, length) => (position / length) * side - 0.5;
    return [along(event.clientX - area.left, area.width), along(event.clientY - area.top, area.height)];
  }

  /** Put ink along a line: full within the brush, less over the pixel around it. */
  function ink([x0, y0], [x1, y1]) {
    const length = Math.hypot(x1 - x0, y1 - y0) ** 2 || 1;
    picture = picture.map((value, i) => {
      const x = i % side, y = Math.floor(i / side);
      const along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length;
      const at = Math.min(1, Math.max(0, along));
      const far = Math.hypot(x - x0 - at * (x1 - x0), y - y0 - at * (y1 - y0));
      return Math.max(value, Math.min(1, Math.max(0, BRUSH + 0.5 - far)));
    });
    update();
  }

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    ink(last, last);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (last === null) return;
    const here = place(event);
    ink(last, here);
    last = here;
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (last = null));
  document.getElementById("clear").addEventListener("click", () => {
    picture = picture.map(() => 0);
    for (const button of samples.querySelectorAll("button")) button.setAttribute("aria-pressed", false);
    update();
  });
  const field = document.getElementById("file");
  zooPixels.choose(samples, field, side, (chosen) => {
    picture = chosen;
    update();
  });
  zooWeights.ask(document.getElementById("load"), models, (loaded) => {
    tensors = loaded;
    document.getElementById("read").hidden = false;
    update();
  });
  document.getElementById("instrument").hidden = false;
  samples.querySelector("button").click();
})();
