// The colours that were chosen, before anything is painted. Without a choice they are the system's.
(function () {
  "use strict";
  try {
    var chosen = localStorage.getItem("zoo-theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch (error) { /* a browser that keeps nothing shows the system's */ }
})();
