/* Light, dark, or as the system is: set before anything is drawn, so that nothing flashes. */
"use strict";

(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("footnoted.theme");
  } catch {
    // Storage may be forbidden: the system's theme it is.
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
