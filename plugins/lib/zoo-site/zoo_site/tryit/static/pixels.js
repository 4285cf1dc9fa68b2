"use strict";
// Small grey images as rows of numbers from 0 to 1, on canvases and from pictures.

const zooPixels = (() => {
  function paint(canvas, values) {
    const pen = canvas.getContext("2d"), made = pen.createImageData(canvas.width, canvas.height);
    values.forEach((value, i) => {
      made.data.fill(Math.round(255 * Math.min(1, Math.max(0, value))), 4 * i, 4 * i + 3);
      made.data[4 * i + 3] = 255;
    });
    pen.putImageData(made, 0, 0);
  }

  /** The grey levels of a picture, shrunk to a square of so many pixels. */
  function read(picture, side) {
    const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.imageSmoothingQuality = "high";
    pen.drawImage(picture, 0, 0, side, side);
    const { data } = pen.getImageData(0, 0, side, side);
    const grey = (i) => (0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]) / 255;
    return Float64Array.from({ length: side * side }, (_, i) => grey(i));
  }

  /** Let a person choose a picture: one of the samples, or a file of their own. */
  function choose(samples, field, side, start) {
    for (const button of samples.querySelectorAll("button")) {
      button.addEventListener("click", () => {
        for (const other of samples.querySelectorAll("button")) {
          other.setAttribute("aria-pressed", other === button);
        }
        start(read(button.querySelector("img"), side));
      });
    }
    field.addEventListener("change", async () => {
      if (!field.files.length) return;
      const said = document.getElementById("said");
      try {
        start(read(await createImageBitmap(field.files[0]), side));
        said.textContent = "";
      } catch {
        said.textContent = `${field.files[0].name} is no picture that this browser reads.`;
      }
    });
  }

  return { paint, read, choose };
})();
