// What is to be known about a ranking: every warning once, with the drafts that it is about.

import { MIXED, scored } from "./board.js";
import { el } from "./dom.js";
import { closest, notes, noteText, withWay } from "./notes.js";
import { say } from "./words.js";

const MOST_NAMED = 5;

export function warningsOf(answer, items, form) {
  const whole = answer.warnings.filter((note) => note.code !== MIXED);
  const found = answer.candidates.flatMap((one) => closest(one.score.warnings).map((note) => ({ note, one })));
  const groups = [...Map.groupBy(found, ({ note }) => noteText(note)).values()];
  return [...notes(whole, form), ...groups.map((group) => line(group, answer, items, form))];
}

function line(group, answer, items, form) {
  const about = group.map(({ one }) => one);
  const own = Object.assign({}, ...about.map((one) => items[one.index].own));
  const written = el("li", {}, withWay(group[0].note, form, own));
  if (!scored(answer).every((one) => about.includes(one))) written.append(` ${concerns(about, items)}`);
  return written;
}

function concerns(about, items) {
  if (about.length > MOST_NAMED) return say("concerns_many", { n: about.length, all: items.length });
  return say("concerns", { list: about.map((one) => nameOf(one, items[one.index])).join(", ") });
}

function nameOf(one, item) {
  if (one.rank !== null) return say("number", { n: one.rank }).toLocaleLowerCase();
  return item.row ? say("from_row", { n: String(item.row) }) : say("draft_number", { n: one.index + 1 });
}
