"use strict";
// Charts: the point under the pointer or with the focus says its figure below the chart.
for (const figure of document.querySelectorAll("figure.chart")) {
  const said = figure.querySelector("output");
  for (const point of figure.querySelectorAll("circle")) {
    const say = () => { said.textContent = point.getAttribute("aria-label"); };
    point.addEventListener("mouseenter", say);
    point.addEventListener("focus", say);
  }
}
// Tables: a click on a column's name sorts by it, a second one the other way round.
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th"), body = head.closest("table").tBodies[0];
    const up = head.getAttribute("aria-sort") !== "ascending";
    for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const value = (row) => row.cells[head.cellIndex].dataset.value ?? row.cells[head.cellIndex].textContent;
    const compare = (a, b) => {
      const [x, y] = [value(a), value(b)], [m, n] = [parseFloat(x), parseFloat(y)];
      return Number.isNaN(m) || Number.isNaN(n) ? x.localeCompare(y) : m - n;
    };
    const rows = [...body.rows].sort((a, b) => (up ? compare(a, b) : compare(b, a)));
    body.append(...rows);
  });
}
// Epsilon by epsilon: all segments at the slider's epsilon, under the chosen method.
const epsilon = document.getElementById("epsilon"), method = document.getElementById("method");
if (epsilon && method) {
  const now = document.getElementById("epsilon-now"), values = epsilon.dataset.values.split(" ");
  const show = () => {
    const value = values[epsilon.value];
    const text = Number(value) ? `ε = ${value}` : "before the attack";
    for (const strip of document.querySelectorAll("figure.strip")) {
      strip.hidden = strip.dataset.method !== method.value;
      for (const frame of strip.querySelectorAll(".frame")) frame.hidden = frame.dataset.epsilon !== value;
    }
    now.textContent = text;
    epsilon.setAttribute("aria-valuetext", text);
  };
  epsilon.addEventListener("input", show);
  method.addEventListener("change", show);
  show();
}
for (const controls of document.querySelectorAll(".scripted")) controls.hidden = false;
// Pictures: one at a time, by a list and a slider.
const kinds = document.getElementById("kind"), slider = document.getElementById("segment");
if (kinds && slider) {
  const pictures = [...document.querySelectorAll("figure.picture")];
  const show = () => {
    const own = pictures.filter((picture) => picture.dataset.kind === kinds.value);
    slider.max = own.length - 1;
    const chosen = own[Math.min(slider.value, own.length - 1)];
    for (const picture of pictures) picture.hidden = picture !== chosen;
    slider.setAttribute("aria-valuetext", chosen.dataset.name);
  };
  kinds.addEventListener("change", () => { slider.value = 0; show(); });
  slider.addEventListener("input", show);
  show();
}
