/* What every view has: the theme's switch, copying, the link between a number and its evidence,
   and keys. Nothing here is needed to ask or to read. */
"use strict";

(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

  /* Storage that may be forbidden or full. */
  const kept = {
    get(name) {
      try {
        return localStorage.getItem(`footnoted.${name}`);
      } catch {
        return null;
      }
    },
    set(name, value) {
      try {
        if (value === null) localStorage.removeItem(`footnoted.${name}`);
        else localStorage.setItem(`footnoted.${name}`, value);
        return true;
      } catch {
        return false;
      }
    },
  };

  const tell = (words) => {
    $("#told").textContent = words;
  };

  const wake = (within) => {
    for (const element of $$("[data-script]", within)) element.hidden = false;
  };

  /* The theme */
  const themes = ["system", "light", "dark"];
  const themeButton = $("#theme");
  const theme = () => document.documentElement.dataset.theme || "system";
  const showTheme = () => {
    themeButton.textContent = { system: "Auto", light: "Light", dark: "Dark" }[theme()];
    themeButton.setAttribute("aria-label", `Theme: ${themeButton.textContent}. Change it`);
  };
  const nextTheme = () => {
    const next = themes[(themes.indexOf(theme()) + 1) % themes.length];
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    kept.set("theme", next === "system" ? null : next);
    showTheme();
    tell(`Theme: ${themeButton.textContent}`);
  };
  themeButton.addEventListener("click", nextTheme);
  showTheme();

  /* Copying */
  const copy = async (words, button) => {
    let done = true;
    try {
      await navigator.clipboard.writeText(words);
    } catch {
      // An address that is not secure has no clipboard: the older way.
      const area = document.createElement("textarea");
      area.value = words;
      document.body.append(area);
      area.select();
      done = document.execCommand("copy");
      area.remove();
    }
    tell(done ? "Copied." : "The browser does not let this page copy. Select the text instead.");
    if (button && done) {
      const before = button.textContent;
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = before), 1500);
      button.focus({ preventScroll: true });
    }
  };
  const copyFrom = async (button) => {
    try {
      const response = await fetch(button.dataset.copyFrom);
      if (!response.ok) throw new Error(response.statusText);
      await copy(await response.text(), button);
    } catch {
      tell("It could not be fetched. Use the link beside this button.");
    }
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-copy-link], [data-copy-from]");
    if (!button) return;
    if (button.dataset.copyFrom) {
      copyFrom(button);
      return;
    }
    const of = button.dataset.copy || button.dataset.copyLink;
    const source = document.getElementById(of);
    copy(button.dataset.copy ? source.textContent : source.href, button);
  });

  /* A number and its evidence light up together. */
  const light = (number, on) => {
    for (const element of $$(`[data-number="${CSS.escape(number)}"]`)) {
      element.classList.toggle("lit", on);
    }
    const card = document.getElementById(`citation-${number}`);
    const column = card && card.closest(".evidence");
    if (on && column && column.scrollHeight > column.clientHeight) {
      const above = card.getBoundingClientRect().top - column.getBoundingClientRect().top;
      column.scrollTop += above - 8;
    }
  };
  for (const [begin, end] of [["mouseenter", "mouseleave"], ["focus", "blur"]]) {
    for (const note of $$(".note")) {
      note.addEventListener(begin, () => light(note.dataset.number, true));
      note.addEventListener(end, () => light(note.dataset.number, false));
    }
  }

  /* A link to something inside a closed drawer opens it. */
  const openTarget = () => {
    let name = "";
    try {
      name = decodeURIComponent(location.hash.slice(1));
    } catch {
      // An address that somebody broke in two leads nowhere.
    }
    const target = document.getElementById(name);
    if (!target) return;
    for (let at = target.parentElement; at; at = at.parentElement) {
      if (at.localName === "details") at.open = true;
    }
    target.scrollIntoView({ block: "nearest" });
    if (target.tabIndex >= -1 && target.hasAttribute("tabindex")) target.focus();
  };
  window.addEventListener("hashchange", openTarget);
  if (location.hash) openTarget();

  /* Menus close when one goes elsewhere. */
  const corpora = $("details.corpora");
  if (corpora) {
    document.addEventListener("click", (event) => {
      if (!corpora.contains(event.target)) corpora.open = false;
    });
    corpora.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !corpora.contains(event.relatedTarget)) corpora.open = false;
    });
  }

  /* Keys */
  const help = $("#help");
  const useKeys = $("#shortcuts");
  useKeys.checked = kept.get("keys") !== "off";
  useKeys.addEventListener("change", () => kept.set("keys", useKeys.checked ? null : "off"));
  $("#help-button").addEventListener("click", () => help.showModal());

  const go = (view) => $(`nav [data-view="${view}"]`).click();
  const stops = () =>
    $$(".stop, .card, .passage").filter((element) => element.offsetParent !== null);
  const step = (by) => {
    const all = stops();
    if (!all.length) return;
    const at = all.findIndex((element) => element.contains(document.activeElement));
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
    const element = all[Math.min(Math.max(next, 0), all.length - 1)];
    if (!element.hasAttribute("tabindex") && element.localName !== "a") element.tabIndex = -1;
    element.focus();
    element.scrollIntoView({ block: "nearest" });
  };
  const copyCitation = () => {
    const around = document.activeElement.closest(".card, .says > li");
    const words = (around || document).querySelector(".cite .copied");
    if (words) copy(words.textContent);
  };
  const focusQuestion = () => {
    const question = $("#q");
    if (question) {
      question.focus();
      question.select();
    } else go("ask");
  };

  const actions = {
    "/": focusQuestion,
    "?": () => help.showModal(),
    j: () => step(1),
    k: () => step(-1),
    c: copyCitation,
    t: nextTheme,
  };
  const places = { q: "ask", t: "article", s: "sources" };
  let going = false;

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const typing = event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select");
    if (event.key === "Escape") {
      if (corpora && corpora.open) {
        corpora.open = false;
        $("summary", corpora).focus();
      } else if (typing) typing.blur();
      return;
    }
    if (typing || help.open || !useKeys.checked) return;
    const key = event.key;
    if (going) {
      going = false;
      if (places[key]) {
        event.preventDefault();
        go(places[key]);
      }
      return;
    }
    if (key === "g") {
      going = true;
      setTimeout(() => (going = false), 1500);
    } else if (/^[1-9]$/.test(key)) {
      const card = document.getElementById(`citation-${key}`);
      if (card) {
        card.focus();
        card.scrollIntoView({ block: "nearest" });
      }
    } else if (actions[key]) {
      event.preventDefault();
      actions[key]();
    }
  });

  window.footnoted = { $, $$, kept, tell, wake };
  wake(document);
})();
