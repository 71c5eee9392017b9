/* Finding in the list of sources, as one types. */
"use strict";

(() => {
  const { $, $$ } = window.footnoted;
  const field = $("#find");
  if (!field) return;
  const rows = $$(".sources > li.stop").map((row) => [row, row.textContent.toLocaleLowerCase()]);
  field.addEventListener("input", () => {
    const words = field.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [row, text] of rows) {
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) shown += 1;
    }
    $("#shown").textContent = words.length ? `${shown} of ${rows.length}` : "";
  });
})();
