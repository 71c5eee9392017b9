/* The article's sentences show their evidence beside the text, and what was found of each. */
"use strict";

(() => {
  const { $, $$, wake, tell } = window.footnoted;
  const panel = $("#panel");
  if (!panel) return;
  const content = $("#panel-content");
  const seen = new Map();
  let chosen = null;

  /* A server that is busy says when to come again. */
  const patiently = async (address) => {
    for (let attempt = 0; ; attempt += 1) {
      const response = await fetch(address, { headers: { Accept: "text/html" } });
      if (attempt > 4 || (response.status !== 429 && response.status !== 503)) return response;
      const seconds = Number(response.headers.get("Retry-After")) || 1;
      await new Promise((resolve) => setTimeout(resolve, Math.min(seconds, 20) * 1000));
    }
  };

  /* The comparison of a sentence, as its own page has it: made and escaped by the server. */
  const comparison = async (sentence) => {
    if (!seen.has(sentence.href)) {
      const response = await patiently(sentence.href);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const found = page.getElementById("comparison");
      if (!response.ok || !found) throw new Error(page.title);
      seen.set(sentence.href, found);
    }
    return seen.get(sentence.href);
  };

  const judge = (sentence, found) => {
    if (sentence.dataset.verdict) return;
    sentence.dataset.verdict = found.dataset.verdict;
    const words = $(`.legend [data-verdict="${found.dataset.verdict}"] .claim`).textContent;
    const said = document.createElement("span");
    said.className = "unseen";
    said.textContent = ` (${words})`;
    sentence.append(said);
  };

  const count = () => {
    for (const item of $$(".legend li")) {
      const among = $$(`.text .claim[data-verdict="${item.dataset.verdict}"]`).length;
      $(".count", item).textContent = among || "";
    }
  };

  const show = async (sentence) => {
    if (chosen) chosen.removeAttribute("aria-current");
    chosen = sentence;
    sentence.setAttribute("aria-current", "true");
    panel.classList.add("open");
    content.setAttribute("aria-busy", "true");
    try {
      const found = await comparison(sentence);
      if (chosen !== sentence) return;
      const whole = document.createElement("p");
      const link = document.createElement("a");
      link.href = sentence.href;
      link.textContent = "Open on a page of its own";
      whole.append(link);
      const close = document.createElement("button");
      close.type = "button";
      close.className = "plain close";
      close.textContent = "Close";
      close.addEventListener("click", leave);
      content.replaceChildren(close, document.importNode(found, true), whole);
      content.querySelector("#comparison").removeAttribute("id");
      wake(content);
      judge(sentence, found);
      count();
      panel.scrollTop = 0;
      sentence.scrollIntoView({ block: "nearest" });
      panel.focus({ preventScroll: true });
    } catch {
      location.href = sentence.href; // its own page says what is wrong
    } finally {
      content.removeAttribute("aria-busy");
    }
  };

  const leave = () => {
    panel.classList.remove("open");
    if (chosen) chosen.focus();
  };

  document.addEventListener("click", (event) => {
    const sentence = event.target.closest(".text a.claim");
    if (!sentence || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(sentence);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && panel.contains(document.activeElement)) leave();
  });

  /* One after the other, so that others' questions are not kept waiting. */
  const button = $("#check");
  let checking = false;
  button.addEventListener("click", async () => {
    checking = !checking;
    button.textContent = checking ? "Stop" : "Check every sentence";
    const all = $$(".text a.claim");
    for (const [n, sentence] of all.entries()) {
      if (!checking) return;
      $("#progress").textContent = `${n + 1} of ${all.length}`;
      try {
        judge(sentence, await comparison(sentence));
      } catch {
        tell("A sentence could not be checked: the server does not answer.");
        break;
      }
      count();
    }
    $("#progress").textContent = "";
    checking = false;
    button.textContent = "Check every sentence";
  });
})();
