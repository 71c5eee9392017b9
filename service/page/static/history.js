/* The questions of this browser: kept in it alone, and only as long as one wants. */
"use strict";

(() => {
  const { $, kept } = window.footnoted;
  const MOST = 100;
  const section = $("#history");
  const list = $("ol", section);
  const keep = $("#keep");

  const read = () => {
    try {
      const entries = JSON.parse(kept.get("history") || "[]");
      return Array.isArray(entries) ? entries.filter((e) => e && typeof e.q === "string") : [];
    } catch {
      return [];
    }
  };
  const isOn = () => kept.get("keep") !== "off";

  const address = (entry) => {
    const given = new URLSearchParams({ q: entry.q });
    for (const name of ["corpus", "only", "reference", "since", "until"]) {
      if (entry[name]) given.set(name, entry[name]);
    }
    return `/?${given}`;
  };

  const show = () => {
    const entries = read().filter((entry) => (entry.of || "") === section.dataset.corpus);
    list.replaceChildren(
      ...entries.slice(0, 30).map((entry) => {
        const item = document.createElement("li");
        const link = document.createElement("a");
        link.href = address(entry);
        link.dir = "auto";
        link.textContent = entry.q;
        const when = document.createElement("time");
        const day = new Date(entry.at);
        if (!Number.isNaN(day.valueOf())) {
          when.dateTime = day.toISOString();
          when.textContent = day.toISOString().slice(0, 10);
        }
        const how = document.createElement("span");
        how.className = "soft";
        how.textContent = entry.status === "answered" ? "" : "no answer";
        item.append(link, " ", how, " ", when);
        return item;
      }),
    );
    $("#clear").hidden = !entries.length;
    list.hidden = !entries.length;
    section.classList.toggle("empty", !entries.length);
  };

  const result = $("#result");
  if (result && isOn()) {
    const here = new URLSearchParams(location.search);
    const entry = { q: result.dataset.question, of: section.dataset.corpus, at: Date.now() };
    entry.status = result.dataset.status;
    if (section.dataset.parameter) entry.corpus = section.dataset.parameter;
    for (const name of ["only", "reference", "since", "until"]) {
      if (here.get(name)) entry[name] = here.get(name);
    }
    const others = read().filter((one) => address(one) !== address(entry) || one.of !== entry.of);
    kept.set("history", JSON.stringify([entry, ...others].slice(0, MOST)));
  }

  keep.checked = isOn();
  keep.addEventListener("change", () => {
    kept.set("keep", keep.checked ? null : "off");
    if (!keep.checked) kept.set("history", null);
    show();
  });
  $("#clear").addEventListener("click", () => {
    kept.set("history", null);
    show();
    keep.focus();
  });
  show();
})();
