// Files that are dropped or chosen, and what was found wrong in them, row by row.

import { byId, el } from "./dom.js";
import { say, words } from "./words.js";

export function onFile(name, take) {
  const input = byId(name);
  const zone = input.closest("[data-drop]");
  input.addEventListener("change", () => {
    if (input.files.length) take(input.files[0]);
    input.value = "";
  });
  for (const kind of ["dragenter", "dragover"]) {
    zone.addEventListener(kind, (event) => { event.preventDefault(); zone.classList.add("over"); });
  }
  for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
  });
  // A file dropped beside the zone would otherwise replace the page.
  for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
}

export const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

const KINDS = {
  "nothing (an empty cell)": "kind_empty", text: "kind_text", "a number": "kind_number",
  "a date in the future": "kind_future", "a date before 2000": "kind_early", "a date after 2099": "kind_late", "a negative number": "kind_negative",
  "a number with a fraction": "kind_fraction", "a long number that a spreadsheet has rounded": "kind_rounded",
  "a number beyond all reason": "kind_beyond", "true or false": "kind_flag", "a date": "kind_date", "a list": "kind_list", "an object": "kind_object",
  "text with half a character (a lone surrogate)": "kind_half", "text with a NUL character": "kind_nul", "more than # characters": "kind_long",
  "# cells": "kind_cells", "text after a closing quote": "kind_quote", "broken JSON": "kind_broken_json", "JSON that is no object": "kind_no_object",
};

// A date that cannot be is one all the same: what is expected is another one.
const EXPECTED = {
  kind_future: "expect_past", kind_early: "expect_years", kind_late: "expect_years", kind_long: "expect_shorter",
  kind_quote: "expect_quotes", kind_broken_json: "expect_json", kind_no_object: "expect_json",
};

const UNDIVIDED = new Set(["(whole row)", "(whole line)"]);
const NUMBER = /\d[\d,]*/;

const kindOf = (fault) => KINDS[fault] ?? KINDS[fault.replace(NUMBER, "#")];

// What is wrong or expected in the reader's words, with its number; as it came where there are none.
function named(fault) {
  const kind = kindOf(fault);
  return kind ? say(kind, { n: Number(NUMBER.exec(fault)?.[0].replaceAll(",", "")) }) : fault;
}

function reason(problem) {
  const expected = words[EXPECTED[kindOf(problem.kind)] ?? `expect_${problem.field}`] ?? named(problem.expected);
  return say("problem", { kind: named(problem.kind), expected });
}

export function problemRows(problems) {
  return el("div", { class: "scroll tall", tabindex: "0", role: "group", "aria-label": words.problems_table }, el("table", { class: "problems" }, [
    el("caption", { class: "sr" }, words.problems_table),
    el("thead", {}, el("tr", {}, [words.col_row, words.col_begins, words.col_column, words.col_wrong].map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, problems.map((problem) => el("tr", {}, [
      el("th", { scope: "row" }, String(problem.row)), el("td", { class: "cut" }, problem.begins || "–"),
      el("td", {}, UNDIVIDED.has(problem.column) ? words.whole_row : problem.column), el("td", {}, reason(problem)),
    ]))),
  ]));
}

// Which header was taken for which column, in one sentence; nothing when all were as expected.
export function matchedText(columns) {
  const renamed = Object.entries(columns.found).filter(([name, header]) => name !== header);
  const read = renamed.map(([name, header]) => say("column_as", { header, column: words[`column_${name}`] ?? name }));
  if (columns.clock) read.push(say("column_as", { header: columns.clock, column: words.column_clock }));
  return [
    read.length && say("columns_read", { list: read.join(", ") }),
    columns.ignored.length && say("columns_ignored", { list: columns.ignored.join(", ") }),
    columns.unknown.length && say("columns_unknown", { list: columns.unknown.join(", ") }),
    Object.keys(columns.unread).length && say("columns_unread", { list: Object.entries(columns.unread).map(([header, cells]) => `${header} (${cells})`).join(", ") }),
  ].filter(Boolean).join(" ");
}
