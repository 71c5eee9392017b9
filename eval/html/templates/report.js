"use strict";

/* Filters and sorts each table of questions. Without this the tables stand there whole. */
for (const set of document.querySelectorAll("section.set")) {
  const table = set.querySelector("table.questions");
  if (table) {
    addFilters(set.querySelector("form.filters"), [...table.tBodies]);
    addSorting(table);
  }
}

function addFilters(form, questions) {
  const plain = (text) => text.normalize("NFKC").toLowerCase();
  const texts = new Map(questions.map((question) =>
    [question, plain([...question.querySelectorAll(".find")].map((e) => e.textContent).join(" "))]));
  const chosen = (name) => form.elements[name]?.value ?? "";

  const show = () => {
    const words = plain(chosen("words")).split(/\s+/u).filter(Boolean);
    const outcome = chosen("outcome");
    const tag = chosen("tag");
    let shown = 0;
    for (const question of questions) {
      const fits = words.every((word) => texts.get(question).includes(word))
        && (!outcome || question.dataset.outcomes.split(" ").includes(outcome))
        && (!tag || question.dataset.tags.split(" ").includes(tag));
      question.hidden = !fits;
      shown += fits;
    }
    form.querySelector("output").textContent = `${shown} of ${questions.length} shown`;
  };
  const open = (wanted) => {
    for (const question of questions) {
      if (!question.hidden) question.querySelector("details").open = wanted;
    }
  };

  for (const event of ["input", "change"]) form.addEventListener(event, show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  form.elements.open.addEventListener("click", () => open(true));
  form.elements.close.addEventListener("click", () => open(false));
  form.hidden = false;
  show();
}

function addSorting(table) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const falling = heading.getAttribute("aria-sort") === "ascending";
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", falling ? "descending" : "ascending");
      table.append(...[...table.tBodies].sort(order(column, falling ? -1 : 1)));
    });
  });
}

/* Numbers by size and words by the alphabet; what was not measured comes last either way. */
function order(column, sign) {
  const cell = (question) => question.rows[0].cells[column];
  return (first, second) => {
    const [a, b] = [cell(first), cell(second)];
    if (!a.classList.contains("number")) {
      return sign * a.textContent.trim().localeCompare(b.textContent.trim(), "en", { numeric: true });
    }
    const [x, y] = [a, b].map((each) => parseFloat(each.dataset.value ?? "NaN"));
    if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
    return sign * (x - y);
  };
}
