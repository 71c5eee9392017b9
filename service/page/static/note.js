/* A researcher's own verdict and note on a sentence, kept by the server across re-ingests. */
"use strict";

(() => {
  const { $ } = window.footnoted;
  const section = $("#note");
  if (!section) return;
  const verdict = $("#note-verdict");
  const words = $("#note-words");
  const remove = $("#note-remove");
  const told = $("#note-told");
  const about = section.dataset.parameter ? `?corpus=${encodeURIComponent(section.dataset.parameter)}` : "";
  const address = `/v1/claims/${encodeURIComponent(section.dataset.claim)}/note${about}`;
  let etag = null;

  const show = (note) => {
    etag = note ? note.etag : null;
    verdict.value = (note && note.verdict) || "";
    words.value = (note && note.note) || "";
    remove.hidden = !note;
    told.textContent = note ? `Kept by ${note.author} on ${note.changed_at.slice(0, 10)}.` : "";
  };

  const problem = async (response) => {
    if (response.status === 412) {
      return "Somebody else has changed it meanwhile: load this page again.";
    }
    try {
      const document = await response.json();
      return document.hint ? `${document.detail} ${document.hint}` : document.detail;
    } catch {
      return "The server does not answer as it should.";
    }
  };

  const send = async (method, body) => {
    const headers = { "Content-Type": "application/json" };
    if (etag) headers["If-Match"] = etag;
    else headers["If-None-Match"] = "*";
    told.textContent = "…";
    try {
      const response = await fetch(address, { method, headers, body });
      if (!response.ok) told.textContent = await problem(response);
      else if (method === "DELETE") {
        show(null);
        told.textContent = "Removed.";
      } else show(await response.json());
    } catch {
      told.textContent = "The server cannot be reached. Nothing was changed.";
    }
  };

  $("form", section).addEventListener("submit", (event) => {
    event.preventDefault();
    if (!verdict.value && !words.value.trim()) {
      told.textContent = "Choose a verdict or write a note first.";
      return;
    }
    send("PUT", JSON.stringify({ verdict: verdict.value || null, note: words.value }));
  });
  remove.addEventListener("click", () => send("DELETE"));

  const load = async () => {
    const response = await fetch(`/v1/notes${about}`);
    if (!response.ok) {
      section.hidden = true; // notes need a key here, and this page has none
      return;
    }
    const { notes } = await response.json();
    show(notes.find((note) => note.claim_id === section.dataset.claim) || null);
  };
  load().catch(() => (section.hidden = true));
})();
